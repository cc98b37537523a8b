SELECT to_regclass('public.load_info')

"""What the API takes and answers, field by field. These shapes are a promise: they only grow."""

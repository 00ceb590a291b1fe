"""The words that advertisements are made of: read, counted and compared, without a dictionary."""

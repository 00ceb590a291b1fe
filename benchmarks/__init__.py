"""What is measured, beside what: each file is one command."""

"""The parts of the made-up market: who is in it, what they write and draw, and the truth about them."""

"""How right a resolution is where the truth is known: scores, causes of what is wrong, roles, probabilities."""

"""The pictures that benchmarks/pictures.py measures with: photographs, edits, codes, contacts, hashes."""

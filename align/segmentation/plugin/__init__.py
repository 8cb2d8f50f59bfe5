"""What spaCy gets from us: languages that it lacks, letters and abbreviations that it lacks, and the sentence component.

spaCy finds all of it by entry points; nothing else in the project imports this package.
"""

"""The records of the scripted patients: who wrote what, when, and the documents themselves.

Everything follows from the story and from `now`: the same two give the same bytes.
"""

"""The Python side of an Emperor vassal: a zygote that imports the app once, and the workers it forks.

Standard library only, CPython 3.8 and later. What is imported here is in every worker: imports are kept few.
"""

"""How months are written, for the modules that read dates."""

MONTH = (
    r"(?:janv(?:ier)?|fevr?(?:ier)?|mars|avr(?:il)?|mai|juin|juil(?:let)?|aout?|sept(?:embre)?|oct(?:obre)?|nov(?:embre)?"
    r"|dec(?:embre)?)(?![a-z])"
)

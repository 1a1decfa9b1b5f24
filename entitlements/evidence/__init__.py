"""The dispute pack: the evidence of what one customer had, who changed it and who was told, in one sealed file.

`sources` are places for evidence that other parts of the desk add, `packing` makes the file and reads it back,
`drawing` fills it.
"""

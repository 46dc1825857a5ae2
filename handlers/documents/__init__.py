"""Documents that people print, sign or load into another program."""

"""Goals 15 to 20: what is promised under faults, tried at the size asked for and printed beside floor and ambition."""

"""The drawn world: clips and streams of what any camera sees without knowing the world.

Lengths are in units of the picture's short side, the middle of the picture is the origin, x runs right and y down.
Times are in seconds. Every random choice comes from the `numpy.random.Generator` that is handed in.
"""

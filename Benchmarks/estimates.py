"""How many cameras a machine carries: the one at hand by its measured rate, others by arithmetic.

An estimate takes the peak of a processor's multiply-add units from its data sheet, the shares of its two peaks that were measured
on the machine at hand, and the arithmetic of one frame. It ignores memory, heat and decoding, so a real machine carries fewer.
"""

WINDOW_SECONDS = 5
# Kept free for decoding and for confirmations.
RESERVE = 0.2
# The cores that compute, their clock in GHz with all of them busy, and operations a cycle and core: in 32-bit floats and in 8-bit
# integers. A multiply-add is two operations.
MACHINES = {
    "Intel N100 (4 Gracemont, AVX2, AVX-VNNI)": (4, 2.9, 16, 64),
    "Raspberry Pi 5 (4 Cortex-A76, NEON, dotprod)": (4, 2.4, 16, 64),
    "Intel i5-12400 (6 Golden Cove, AVX2, AVX-VNNI)": (6, 4.0, 32, 128),
    "AMD Ryzen 5 7600 (6 Zen 4, AVX-512, VNNI)": (6, 5.0, 32, 128),
}


def cameras(work, shares, rate, frames, processor):
    """Lines of a table. `work`: operations of one cached frame; `shares`: of the peak in floats and of that in 8 bits, None if it
    was not measured; `rate`: frames a second, measured."""
    each = frames / WINDOW_SECONDS

    def carried(rate):
        return f"{int(rate * (1 - RESERVE) / each)}"

    taken = " and ".join(f"{share * 100:.0f} % of the peak in {kind}" for share, kind in zip(shares, ("floats", "8 bits"))
                         if share)
    lines = [f"Cameras that a machine carries: `cached`, a window of {WINDOW_SECONDS} s ({each:.1f} frames a second each), a "
             f"fifth kept free. A frame takes {work / 1e9:.2f} G operations; estimates take {taken}, as measured.", "",
             "| machine | cores × GHz × operations a cycle: floats, 8 bits | peak, G a second | cameras, floats | 8 bits |",
             "|---|---|---|---|---|",
             f"| {processor}, measured | | | {carried(rate)} | |"]
    for name, (cores, clock, floats, bytes_) in MACHINES.items():
        peaks = [cores * clock * operations for operations in (floats, bytes_)]
        single, eight = (carried(share * peak * 1e9 / work) if share else "" for share, peak in zip(shares, peaks))
        lines.append(f"| {name}, estimate | {cores} × {clock} × {floats}, {bytes_} | {peaks[0]:.0f}, {peaks[1]:.0f} | "
                     f"{single} | {eight} |")
    return lines + [""]

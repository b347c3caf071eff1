/// IEEE binary16 to Float by its bits: `Float16` does not exist on every target of Swift.
func floatFromHalf(_ bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let rest = UInt32(bits & 0x7fff)
    if rest >= 0x7c00 { return Float(bitPattern: sign | 0x7f80_0000 | (rest & 0x3ff) << 13) }
    // Scaling by 2^112 moves the exponent to Float's bias, and makes subnormal halves normal floats.
    let magnitude = Float(bitPattern: rest << 13) * Float(bitPattern: 0x7780_0000)
    return Float(bitPattern: sign | magnitude.bitPattern)
}

/// Float to IEEE binary16, rounded to nearest, ties to even, as in PyTorch.
func halfFromFloat(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let sign = UInt16(bits >> 16 & 0x8000)
    let rest = bits & 0x7fff_ffff
    if rest > 0x7f80_0000 { return sign | 0x7e00 }
    // From 65520 on the nearest half is infinity.
    if rest >= 0x477f_f000 { return sign | 0x7c00 }
    if rest < 0x3880_0000 {
        // Below 2^-14 halves are whole multiples of 2^-24.
        return sign | UInt16((Float(bitPattern: rest) * 0x1p24).rounded(.toNearestOrEven))
    }
    return sign | UInt16((rest + 0xfff + (rest >> 13 & 1) - 0x3800_0000) >> 13)
}

/// Float to bfloat16, its upper half, rounded in the same way.
func brainFromFloat(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    if value.isNaN { return 0x7fc0 }
    return UInt16((UInt64(bits) + 0x7fff + UInt64(bits >> 16 & 1)) >> 16)
}

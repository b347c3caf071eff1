import Events

extension Lead {
    /// Steps of 1/512 in two bytes.
    static func encode(_ lead: Double) -> Int16 {
        guard !lead.isNaN else { return Int16(-limit * 512) }
        return Int16((min(max(lead, -limit), limit) * 512).rounded())
    }

    static func decode(_ code: Int16) -> Double { Double(code) / 512 }
}

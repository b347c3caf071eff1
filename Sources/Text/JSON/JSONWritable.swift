/// A value that can be written into a JSON line. Infinities and NaN, which JSON cannot express, become `null`.
package protocol JSONWritable {
    /// Appends the value as compact JSON: UTF-8 without a line break.
    func writeJSON(into bytes: inout [UInt8])
}

extension String: JSONWritable {
    package func writeJSON(into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0A:
                bytes.append(contentsOf: #"\n"#.utf8)
            case 0x0D:
                bytes.append(contentsOf: #"\r"#.utf8)
            case 0x09:
                bytes.append(contentsOf: #"\t"#.utf8)
            case 0..<0x20:
                let hex = String(byte, radix: 16)
                bytes.append(contentsOf: (byte < 0x10 ? #"\u000"# : #"\u00"#).utf8)
                bytes.append(contentsOf: hex.utf8)
            default:
                bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

extension Bool: JSONWritable {
    package func writeJSON(into bytes: inout [UInt8]) {
        bytes.append(contentsOf: (self ? "true" : "false").utf8)
    }
}

/// The shortest digits that read back as the same number.
extension Double: JSONWritable {
    package func writeJSON(into bytes: inout [UInt8]) {
        bytes.append(contentsOf: (isFinite ? description : "null").utf8)
    }
}

/// The shortest digits that read back as the same `Float`.
extension Float: JSONWritable {
    package func writeJSON(into bytes: inout [UInt8]) {
        bytes.append(contentsOf: (isFinite ? description : "null").utf8)
    }
}

extension FixedWidthInteger where Self: JSONWritable {
    package func writeJSON(into bytes: inout [UInt8]) {
        bytes.append(contentsOf: String(self).utf8)
    }
}

extension Int: JSONWritable {}
extension Int32: JSONWritable {}
extension Int64: JSONWritable {}
extension UInt64: JSONWritable {}

extension UTCTime: JSONWritable {
    package func writeJSON(into bytes: inout [UInt8]) {
        description.writeJSON(into: &bytes)
    }
}

/// Written in seconds.
extension Duration: JSONWritable {
    package func writeJSON(into bytes: inout [UInt8]) {
        let (seconds, attoseconds) = components
        (Double(seconds) + Double(attoseconds) / 1e18).writeJSON(into: &bytes)
    }
}

extension Optional: JSONWritable where Wrapped: JSONWritable {
    package func writeJSON(into bytes: inout [UInt8]) {
        if let self {
            self.writeJSON(into: &bytes)
        } else {
            bytes.append(contentsOf: "null".utf8)
        }
    }
}

extension Array: JSONWritable where Element: JSONWritable {
    package func writeJSON(into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "["))
        for (index, element) in enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            element.writeJSON(into: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }
}

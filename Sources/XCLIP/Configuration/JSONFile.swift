import Checkpoints
import Foundation

/// A JSON object of a checkpoint directory. Its errors name the file and the key.
struct JSONFile {
    let path: String
    private let key: String
    private let values: [String: Any]

    /// Far more values than CLIP's tokenizer has, which are 150 000. The parser takes some 2 µs and 400 bytes for each.
    private static let maximumValues = 400_000

    /// - Parameter limit: bytes; a larger file is refused.
    init(path: String, limit: Int = 1 << 20) throws(CheckpointError) {
        let remedy = "an X-CLIP checkpoint directory holds it"
        let bytes = try CheckpointFile.contents(of: path, limit: limit, ifAbsent: remedy)
        guard Self.commas(in: bytes) < Self.maximumValues else {
            let message = "holds more values than any X-CLIP model's; is it the right file?"
            throw CheckpointError(.unsupported, at: path, message)
        }
        guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)), let values = object as? [String: Any]
        else {
            throw CheckpointError(.malformed, at: path, "not a JSON object")
        }
        self.init(path: path, key: "", values: values)
    }

    /// Commas outside strings: one less than the values at each place.
    private static func commas(in bytes: [UInt8]) -> Int {
        var (count, isString, isEscaped) = (0, false, false)
        for byte in bytes {
            switch byte {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\") where isString: isEscaped = true
            case UInt8(ascii: "\""): isString.toggle()
            case UInt8(ascii: ",") where !isString: count += 1
            default: break
            }
        }
        return count
    }

    /// - Parameter path: named in errors; the file is not read.
    init(path: String, values: [String: Any]) { self.init(path: path, key: "", values: values) }

    private init(path: String, key: String, values: [String: Any]) {
        self.path = path
        self.key = key
        self.values = values
    }

    func has(_ name: String) -> Bool { values[name].map { !($0 is NSNull) } ?? false }

    /// The object under `name`; nil if there is none.
    func object(_ name: String) -> JSONFile? {
        (values[name] as? [String: Any]).map { JSONFile(path: path, key: key + name + ".", values: $0) }
    }

    /// This object; values of `other` replace its own.
    func overlaid(with other: JSONFile?) -> JSONFile {
        guard let other else { return self }
        return JSONFile(path: path, key: key, values: values.merging(other.values) { _, new in new })
    }

    /// A whole number from `least` to `most`; `fallback` if it is missing.
    func size(
        _ name: String,
        default fallback: Int,
        most: Int = 1 << 20,
        least: Int = 1
    ) throws(CheckpointError) -> Int {
        guard has(name) else { return fallback }
        guard let size = whole(values[name]), size >= least, size <= most else {
            throw wrong(name, "a whole number from \(least) to \(most)")
        }
        return size
    }

    /// A square's side: one number, or a list or object that holds it twice.
    func side(_ name: String, default fallback: Int) throws(CheckpointError) -> Int {
        guard has(name), whole(values[name]) == nil else { return try size(name, default: fallback, most: 8192) }
        let pair = (values[name] as? [Any])?.map { whole($0) }
        guard let pair, pair.count == 2, let first = pair[0], pair[1] == first, first > 0, first <= 8192 else {
            throw wrong(name, "one size, or the same size twice: only square inputs are supported")
        }
        return first
    }

    func number(_ name: String, default fallback: Double) throws(CheckpointError) -> Double {
        guard has(name) else { return fallback }
        guard let number = values[name] as? NSNumber, number.doubleValue.isFinite else { throw wrong(name, "a number") }
        return number.doubleValue
    }

    func numbers(_ name: String, count: Int, default fallback: [Double]) throws(CheckpointError) -> [Double] {
        guard has(name) else { return fallback }
        let numbers = (values[name] as? [NSNumber])?.map(\.doubleValue)
        guard let numbers, numbers.count == count, numbers.allSatisfy(\.isFinite) else {
            throw wrong(name, "a list of \(count) numbers")
        }
        return numbers
    }

    func flag(_ name: String, default fallback: Bool) throws(CheckpointError) -> Bool {
        guard has(name) else { return fallback }
        guard let flag = values[name] as? NSNumber else { throw wrong(name, "true or false") }
        return flag.boolValue
    }

    func text(_ name: String, default fallback: String) throws(CheckpointError) -> String {
        guard has(name) else { return fallback }
        guard let text = values[name] as? String else { throw wrong(name, "a string") }
        return text
    }

    func list(_ name: String) -> [Any]? { values[name] as? [Any] }

    /// The object as a map from strings to whole numbers, such as a vocabulary.
    func wholeNumbers() throws(CheckpointError) -> [String: Int] {
        var result: [String: Int] = [:]
        result.reserveCapacity(values.count)
        for (name, value) in values {
            guard let number = whole(value), number >= 0, number < 1 << 30 else {
                throw wrong(name, "a token's number")
            }
            result[name] = number
        }
        return result
    }

    func wrong(_ name: String, _ wanted: String) -> CheckpointError {
        CheckpointError(.malformed, at: path, "\(key)\(name) must be \(wanted)")
    }

    private func whole(_ value: Any?) -> Int? {
        guard let number = value as? NSNumber, number.doubleValue == number.doubleValue.rounded() else { return nil }
        return Int(exactly: number.doubleValue)
    }
}

import ConfigurationText
import Foundation
import Models
import Settings

/// What the model does not read as it is written, or why it cannot be read; nothing if there is no such model yet.
///
/// - Parameters:
///   - streams: with the labels.
///   - model: as `model.path` names it.
/// - Throws: `ConfigurationError` if two labels are the same to the model.
func labelWarnings(_ streams: [StreamConfiguration], model: String) throws -> [String] {
    guard let directory = try? ModelLocation.directory(of: model), FileManager.default.fileExists(atPath: directory)
    else { return [] }
    let reading: LabelReading
    do { reading = try LabelReading(directory: directory) } catch { return ["\(error)"] }
    let conflicts = reading.conflicts(in: streams)
    guard conflicts.isEmpty else { throw ConfigurationError(conflicts) }
    return reading.warnings(in: streams).map(\.description)
}

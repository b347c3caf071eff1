import Foundation

/// Copies a file, or the files of a folder, as one's own: whoever runs the tests need not own the source tree.
public func copyContents(of path: String, to copy: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
        return try Data(contentsOf: URL(filePath: path)).write(to: URL(filePath: copy))
    }
    try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
    for name in try FileManager.default.contentsOfDirectory(atPath: path) {
        try copyContents(of: path + "/" + name, to: copy + "/" + name)
    }
}

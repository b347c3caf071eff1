import Foundation
import TestSupport
import Testing

/// Certificates for 127.0.0.1, made by openssl in a directory: `NAME.pem` and `NAME.key`.
struct Certificates {
    let directory: TemporaryDirectory

    private static let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]

    func path(_ name: String) -> String { directory.path + "/" + name }

    func authority(_ name: String) throws {
        let files = ["-keyout", path("\(name).key"), "-out", path("\(name).pem"), "-subj", "/CN=\(name)"]
        try openssl(["req", "-x509"] + Self.curve + files)
    }

    /// Signed by an authority.
    func certificate(_ name: String, by authority: String = "ca") throws {
        let files = ["-keyout", path("\(name).key"), "-out", path("\(name).pem"), "-subj", "/CN=\(name)"]
        let signed = ["-addext", "subjectAltName=IP:127.0.0.1", "-CA", path("\(authority).pem")]
        try openssl(["req", "-x509"] + Self.curve + files + signed + ["-CAkey", path("\(authority).key")])
    }

    private func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "openssl \(arguments)")
    }
}

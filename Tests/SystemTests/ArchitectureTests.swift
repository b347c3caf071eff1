import Foundation
import Testing

/// The page that draws the targets, `Package.swift`, and what the sources import: the three agree.
@Suite struct ArchitectureTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// The targets of the page's first table, each with what it may import.
    private static func drawn() throws -> [String: Set<String>] {
        let page = try String(
            contentsOf: root.appending(path: "Sources/Documentation/architecture.md"),
            encoding: .utf8
        )
        let table = try #require(page.firstRange(of: "\n\n`Sources/C`"))
        var targets: [String: Set<String>] = [:]
        for line in page[..<table.lowerBound].split(separator: "\n") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 3, cells[0].hasPrefix("`") else { continue }
            let names = cells[2].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            targets[cells[0].trimmingCharacters(in: ["`"])] = Set(names.filter { $0 != "–" })
        }
        return targets
    }

    /// The Swift targets below Sources as `Package.swift` declares them, with their siblings among the dependencies.
    private static func declared() throws -> [String: Set<String>] {
        let package = try text("Package.swift")
        var targets: [String: Set<String>] = [:]
        // One target ends where the next begins.
        for part in package.split(separator: /\.(target|executableTarget|testTarget)\(/).dropFirst() {
            guard let name = part.firstMatch(of: /name: "(\w+)"/)?.1 else { continue }
            let list = part.firstMatch(of: /dependencies: \[([^\]]*)\]/)?.1 ?? ""
            targets[String(name)] = Set(list.matches(of: /(?m)(?:^|[ \[,])"(\w+)"/).map { String($0.1) })
        }
        let own = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Sources").path)
        targets = targets.filter { own.contains($0.key) }
        return targets.mapValues { $0.filter { targets[$0] != nil } }
    }

    private static func sources(of target: String) throws -> [URL] {
        let folder = root.appending(path: "Sources/\(target)")
        let names = try #require(FileManager.default.enumerator(atPath: folder.path)).compactMap { $0 as? String }
        return names.filter { $0.hasSuffix(".swift") }.map { folder.appending(path: $0) }
    }

    @Test func thePageDrawsWhatThePackageDeclares() throws {
        let (drawn, declared) = (try Self.drawn(), try Self.declared())
        #expect(drawn.count > 15)
        #expect(Set(drawn.keys) == Set(declared.keys))
        for (target, imports) in drawn { #expect(imports == declared[target], "\(target)") }
    }

    @Test func noFileImportsASiblingThatIsNotDrawn() throws {
        let drawn = try Self.drawn()
        for (target, allowed) in drawn {
            var imported: Set<String> = []
            for file in try Self.sources(of: target) {
                let text = try String(contentsOf: file, encoding: .utf8)
                imported.formUnion(text.matches(of: /(?m)^(?:\w+ )?import (\w+)/).map { String($0.1) })
            }
            // What is drawn is used, and what is used is drawn.
            #expect(imported.filter { drawn[$0] != nil } == allowed, "\(target)")
        }
    }

    /// A module of another package that is not declared is built in time by luck alone.
    @Test func whatOtherPackagesGiveIsDeclared() throws {
        let package = try Self.text("Package.swift")
        let product = /\.product\(name: "(\w+)"/
        let products = Set(package.matches(of: product).map { String($0.1) })
        #expect(products.contains("Logging"))
        for part in package.split(separator: /\.(target|executableTarget|testTarget)\(/).dropFirst() {
            let name = try #require(part.firstMatch(of: /name: "(\w+)"/)?.1)
            let declared = Set(part.matches(of: product).map { String($0.1) })
            for kind in ["Sources", "Tests"] {
                let folder = Self.root.appending(path: "\(kind)/\(name)")
                for case let file as String in FileManager.default.enumerator(atPath: folder.path) ?? .init()
                where file.hasSuffix(".swift") {
                    let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
                    let imported = text.matches(of: /(?m)^(?:@?\w+ )?import (\w+)/).map { String($0.1) }
                    #expect(products.intersection(imported).isSubset(of: declared), "\(kind)/\(name)/\(file)")
                }
            }
        }
    }

    @Test func noTargetOutgrowsItsReader() throws {
        for target in try Self.drawn().keys {
            let files = try Self.sources(of: target).map { try String(contentsOf: $0, encoding: .utf8) }
            let lines = files.reduce(0) { $0 + $1.utf8.count { $0 == UInt8(ascii: "\n") } }
            #expect(lines <= 4500, "\(target) has \(lines) lines")
        }
    }

    /// None of the three that stand beside one another imports another.
    @Test func daemonOfflineAndConsoleStandApart() throws {
        let apart: Set = ["Daemon", "Offline", "Console"]
        for (target, imports) in try Self.drawn() where apart.contains(target) {
            #expect(imports.isDisjoint(with: apart))
        }
    }
}

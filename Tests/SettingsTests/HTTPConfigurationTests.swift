import ConfigurationText
import Foundation
import Testing
import TestSupport
import WebFeed

@testable import Settings

@Suite("Configuration: the http section")
struct HTTPConfigurationTests {
    private static let token = "c4nary-token-c4nary"

    private static func decode(
        _ section: String,
        _ environment: [String: String] = [:]
    ) throws(ConfigurationError) -> Configuration {
        try Configuration.decode("\(section)\n\(goodStreams)", file: "w.yaml", environment: environment)
    }

    private static func faults(_ section: String, _ environment: [String: String] = [:]) -> [String] {
        do throws(ConfigurationError) {
            _ = try decode(section, environment)
            return []
        } catch {
            return error.diagnostics.map(\.description)
        }
    }

    @Test func withoutTheSectionNothingIsServedNorShown() throws {
        let configuration = try Self.decode("")
        #expect(configuration.http == nil)
        #expect(!configuration.report.contains { $0.hasPrefix("http.") })
    }

    @Test(arguments: ["http:", "http: ~", "http: {}", "http: {token_file: none}"])
    func anEmptySectionServesOnLoopback(section: String) throws {
        let configuration = try Self.decode(section)
        #expect(configuration.http == HTTPSettings())
        #expect(configuration.http?.listen.description == "127.0.0.1:8642")
    }

    @Test func aVariableAloneMakesTheSection() throws {
        let configuration = try Self.decode("", ["WATCHWORD_HTTP_LISTEN": "[::1]:80"])
        #expect(configuration.http?.listen.description == "[::1]:80")
        let both = ["WATCHWORD_HTTP_LISTEN": "0.0.0.0:80", "WATCHWORD_HTTP_TOKEN": Self.token]
        #expect(try Self.decode("", both).http?.token == Self.token)
    }

    @Test func theTokenIsShownNowhere() throws {
        let configuration = try Self.decode(
            "http: {listen: '0.0.0.0:8642', token: '${T}', hosts: [a.example, B.example]}",
            ["T": Self.token]
        )
        let http = try #require(configuration.http)
        #expect(http.token == Self.token)
        #expect(http.hosts == ["a.example", "B.example"])
        #expect(configuration.secrets.values.contains(Self.token))
        #expect(configuration.report.contains("http.token = ***   (w.yaml:1)"))
        for text in [configuration.report.joined(), "\(http)", String(reflecting: http), "\(configuration)"] {
            #expect(!text.contains(Self.token))
        }
    }

    @Test func itsFileIsReadWithoutTheLineFeed() throws {
        let directory = try TemporaryDirectory()
        try directory.write(Self.token + "\n", to: "token")
        let configuration = try Self.decode("http: {listen: '0.0.0.0:8642', token_file: \(directory.path)/token}")
        #expect(configuration.http?.token == Self.token)
        #expect(configuration.secrets.values.contains(Self.token))
    }

    @Test(arguments: [
        (
            "http: {listen: '[::]:1'}",
            "w.yaml:1:16: http.listen is [::]:1, which other machines can reach, but there is no token"
        ),
        ("http: {listen: 8642}", "w.yaml:1:16: http.listen is \"8642\", which is not an address with a port"),
        ("http: {token: \(token)}", "w.yaml:1:15: http.token is written out; keep it in a file"),
        ("http: {token: '${T}'}", "w.yaml:1:15: http.token: ${T} is not set in the environment"),
        ("http: {token: '${T:short}'}", "w.yaml:1:15: http.token has fewer than 16 or more than 512 characters"),
        (
            "http: {token: '${T:a token with blanks}'}",
            "w.yaml:1:15: http.token has a character that tokens may not have"
        ),
        ("http: {token: '${T:\(token)}', token_file: /a/b}", "has both token and token_file; remove one of the two"),
        ("http: {listen: '0.0.0.0:1', token_file: /nowhere/t}", "http.token_file: /nowhere/t does not exist"),
        (
            #"http: {token: "${T:c4nary-token-c4nary\x11}"}"#,
            "w.yaml:1:15: http.token has a character that tokens may not have"
        ),
        ("http: {hosts: ['a:1']}", "http.hosts[1] is not a host name"),
        (#"http: {hosts: ["a\x19b"]}"#, "http.hosts[1] is not a host name"),
        ("http: {frame_ancestors: ['http://a:+80']}", "http.frame_ancestors[1] is not the origin of a page"),
        ("http: {port: 1}", "unknown key \"port\" in http"),
    ])
    func whatIsWrongIsSaidOnceWithItsPlace(section: String, message: String) {
        let faults = Self.faults(section)
        #expect(faults.count == 1, "\(faults)")
        #expect(faults.first?.contains(message) == true, "\(faults)")
        #expect(faults.allSatisfy { !$0.contains(Self.token) })
    }

    @Test func anotherSectionWaitsForARestart() throws {
        let (old, new) = (try Self.decode("http:"), try Self.decode("http: {listen: '127.0.0.1:1'}"))
        #expect(new.changesNeedingRestart(since: old) == ["http"])
        #expect(try Self.decode("http:").changesNeedingRestart(since: old) == [])
        #expect(try Self.decode("").changesNeedingRestart(since: old) == ["http"])
    }
}

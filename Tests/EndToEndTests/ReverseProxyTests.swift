import Foundation
import TestSupport
import Testing
import Text

/// The page and the API behind real reverse proxies.
@Suite(.serialized) struct ReverseProxyTests {
    /// Without `scores` there is little to send: a proxy that collects it sends nothing.
    @Test(arguments: ReverseProxy.allCases)
    func eventsComeAtOnce(through proxy: ReverseProxy) async throws {
        try await TemporaryDirectory.with { directory in
            try await WebDaemon.with(DaemonProcess.stream("live", DaemonProcess.picture), in: directory) { web in
                try await proxy.with(of: web.port, in: directory) { port in
                    for path in ["", "/watchword"] {
                        let events = try RawConnection(port: port)
                        let target = "\(path)/api/v1/events/stream?types=event&since=0"
                        events.send("GET \(target) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\r\n")
                        try await events.until("event: hello\n")
                        try await events.until("\"state\":\"started\"")
                        events.close()
                    }
                }
            }
        }
    }

    @Test func thePageWorksBelowAPathAndInManyTabs() async throws {
        try await TemporaryDirectory.with { directory in
            let stream = DaemonProcess.stream("live", DaemonProcess.picture, "gate: 0")
            try await WebDaemon.with(stream, http: "  path: /kept\n", in: directory) { web in
                try await ReverseProxy.nginx.with(of: web.port, in: directory) { nginx in
                    try await ReverseProxy.caddy.with(of: web.port, in: directory) { caddy in
                        let addresses = [
                            "\(web.base)/", "http://127.0.0.1:\(nginx)/watchword/", "http://127.0.0.1:\(nginx)/kept/",
                            "http://127.0.0.1:\(nginx)/kept", "http://127.0.0.1:\(caddy)/watchword/",
                        ]
                        let script = [Tree.tabsTest, "\(web.daemon.processID)", "\(web.base)/metrics"]
                        try await tool("/usr/bin/python3", script + addresses, in: directory)
                    }
                }
            }
        }
    }

    @Test func theDescriptionAndTheTokenKnowThePath() async throws {
        try await TemporaryDirectory.with { directory in
            let token = "c4nary-c4nary-c4nary"
            try await WebDaemon.with(
                DaemonProcess.stream("live", DaemonProcess.picture),
                http: "  token: ${HTTP_TOKEN}\n  path: /kept\n",
                environment: ["HTTP_TOKEN": token],
                in: directory
            ) { web in
                let bearer = "Authorization: Bearer \(token)"
                func server(_ path: String, _ fields: String...) async throws -> String? {
                    let lines = fields.isEmpty ? "" : fields.joined(separator: "\r\n") + "\r\n"
                    let answer = try WebAnswer(
                        try await web.exchange(
                            "GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(bearer)\r\n\(lines)Connection: close\r\n\r\n"
                        )
                    )
                    return try answer.json["servers"]?.array?.first?["url"]?.string
                }
                #expect(try await server("/openapi.json") == "/kept")
                #expect(try await server("/kept/openapi.json") == "/kept")
                #expect(try await server("/openapi.json", "X-Forwarded-Prefix: /watchword/") == "/watchword")
                #expect(
                    try await server("/openapi.json", "X-Ingress-Path: /api/hassio_ingress/x")
                        == "/api/hassio_ingress/x"
                )
                #expect(try await server("/openapi.json", "X-Forwarded-Prefix: //evil.example") == "/kept")
                #expect(try await server("/openapi.json", "X-Forwarded-Prefix: /a\"},{") == "/kept")

                // The cookie's path is the directory of the address by RFC 6265, 5.1.4, which curl's jar shows.
                try await ReverseProxy.nginx.with(of: web.port, in: directory) { nginx in
                    for path in ["/", "/watchword/", "/kept/"] {
                        let jar = directory("jar")
                        try? FileManager.default.removeItem(atPath: jar)
                        let base = "http://127.0.0.1:\(nginx)\(path)"
                        let curl = ["-sSfL", "-c", jar, "-b", jar, "-o", directory("page"), "\(base)?token=\(token)"]
                        try await tool("/usr/bin/curl", curl, in: directory)
                        let page = try String(contentsOfFile: directory("page"), encoding: .utf8)
                        #expect(page.contains("id=\"streams\""), "\(path)")
                        let cookies = try String(contentsOfFile: jar, encoding: .utf8)
                        let fields = try #require(cookies.split(separator: "\n").last).split(separator: "\t")
                        let wanted = path == "/" ? "/" : String(path.dropLast())
                        #expect(fields.contains { $0 == wanted || $0 == path }, "\(path): \(cookies)")
                        let more = ["-sSf", "-b", jar, "-o", directory("streams"), "\(base)api/v1/streams"]
                        try await tool("/usr/bin/curl", more, in: directory)
                    }
                }
            }
        }
    }
}

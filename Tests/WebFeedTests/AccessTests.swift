import Testing

@testable import WebFeed

@Suite("Who is let in")
struct AccessTests {
    private static let token = "0123456789abcdef+/="

    private static func access(_ listen: String, token: String? = nil, hosts: [String] = []) throws -> Access {
        Access(WebSettings(listen: try #require(ListenAddress(listen)), token: token, hosts: hosts))
    }

    private static func head(_ fields: String..., path: String = "/api/v1/events") throws(HTTPFault) -> RequestHead {
        let lines = fields.map { $0 + "\r\n" }.joined()
        return try RequestHead(parsing: Array("GET \(path) HTTP/1.1\r\n\(lines)\r\n".utf8))
    }

    private static func status(_ access: Access, _ head: RequestHead) -> Int? {
        do throws(HTTPFault) {
            try access.checkOrigin(head)
            return nil
        } catch {
            return error.status
        }
    }

    @Test(arguments: [
        ("localhost:8642", nil), ("127.0.0.1", nil), ("127.0.0.1:9000", nil), ("[::1]:8642", nil), ("LOCALHOST", nil),
        ("watch.example", nil), ("evil.example", 421), ("localhost.evil.example", 421), ("192.168.1.5:8642", 421),
        ("", 421), (":8642", 421), ("localhost:", nil), ("localhost.", nil), ("localhost.:8642", nil),
        ("localhost..", 421),
        (".", 421), ("evil.example.", 421), ("watch.example.", nil), ("localhost:99999", 421), ("[::1", 421),
        ("localhost:1:2", 421),
        ("127.1", 421), ("2130706433", 421),
    ])
    func onLoopbackOnlyItsOwnNamesHold(host: String, status: Int?) throws {
        let access = try Self.access("127.0.0.1:8642", hosts: ["Watch.Example"])
        #expect(Self.status(access, try Self.head("Host: \(host)")) == status)
    }

    @Test(arguments: [("192.168.1.5:8642", nil), ("[fe80::1]", nil), ("evil.example", 421), ("localhost", nil)])
    func beyondItAnyAddressHoldsAndNoForeignName(host: String, status: Int?) throws {
        let access = try Self.access("0.0.0.0:8642", token: Self.token)
        #expect(Self.status(access, try Self.head("Host: \(host)")) == status)
    }

    @Test(arguments: [
        ("Origin: http://localhost:8642", nil), ("Origin: http://localhost:9", 403), ("Origin: null", 403),
        ("Origin: http://evil.example", 403), ("Sec-Fetch-Site: same-origin", nil), ("Sec-Fetch-Site: none", nil),
        ("Sec-Fetch-Site: cross-site", 403), ("Sec-Fetch-Site: same-site", 403),
    ])
    func anotherSitesPageAsksInVain(field: String, status: Int?) throws {
        let access = try Self.access("127.0.0.1:8642")
        #expect(Self.status(access, try Self.head("Host: localhost:8642", field)) == status)
    }

    /// nginx passes the server's own address on, not the name that the browser used. A browser says on safe addresses that the
    /// request comes from the same site's page; on others, the name must be listed.
    @Test(
        arguments: [
            ("https://proxy.example", "same-origin", nil), ("http://proxy.example:81", "same-origin", nil),
            ("http://watch.example", nil, nil), ("http://watch.example:81", nil, nil),
            ("http://proxy.example", nil, 403),
            ("http://proxy.example", "cross-site", 403), ("http://watch.example.evil", nil, 403), ("null", nil, 403),
            ("ftp://watch.example", nil, 403), ("http://watch.example/x", nil, 403), ("watch.example", nil, 403),
        ] as [(String, String?, Int?)]
    )
    func aProxyMayCallItByAnotherName(origin: String, site: String?, status: Int?) throws {
        let access = try Self.access("127.0.0.1:8642", hosts: ["watch.example"])
        let own = try Self.head(
            "Host: 127.0.0.1:8642",
            "Origin: \(origin)",
            site.map { "Sec-Fetch-Site: \($0)" } ?? "X: y"
        )
        #expect(Self.status(access, own) == status)
    }

    @Test func aLinkFromElsewhereOpensThePageAlone() throws {
        let access = try Self.access("127.0.0.1:8642")
        let fields = ["Host: localhost", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"]
        #expect(Self.status(access, try Self.head(fields[0], fields[1], fields[2], path: "/")) == nil)
        #expect(Self.status(access, try Self.head(fields[0], fields[1], fields[2], path: "/metrics")) == 403)
        #expect(Self.status(access, try Self.head(fields[0], fields[1], "Sec-Fetch-Mode: no-cors", path: "/")) == 403)
    }

    @Test(arguments: [
        ("Authorization: Bearer 0123456789abcdef+/=", true), ("Authorization: bearer 0123456789abcdef+/=", true),
        ("Cookie: a=b; watchword=0123456789abcdef+/=", true), ("Cookie: watchword=0123456789abcdef+/=;x=1", true),
        ("Authorization: Bearer 0123456789abcdef+/", false), ("Authorization: Bearer 0123456789abcdef+/==", false),
        ("Authorization: Bearer 1123456789abcdef+/=", false), ("Authorization: Bearer", false),
        ("Authorization: Basic 0123456789abcdef+/=", false), ("Authorization: 0123456789abcdef+/=", false),
        ("Cookie: watchword=", false), ("Cookie: xwatchword=0123456789abcdef+/=", false), ("X: y", false),
    ])
    func theTokenIsWantedWholeAndRight(field: String, isLetIn: Bool) throws {
        let access = try Self.access("0.0.0.0:8642", token: Self.token)
        #expect(access.isLetIn(try Self.head("Host: 10.0.0.1", field)) == isLetIn)
    }

    /// nginx's `auth_basic` passes the browser's own `Authorization` on. That of user:pass, by `printf user:pass | base64`.
    @Test(arguments: ["Basic dXNlcjpwYXNz", "Bearer 1123456789abcdef+/=", "Digest username=\"user\"", "Basic"])
    func theCookieHoldsBesideAProxysOwnLogin(login: String) throws {
        let access = try Self.access("0.0.0.0:8642", token: Self.token)
        let fields = ["Host: 10.0.0.1", "Authorization: \(login)", "Cookie: watchword="]
        #expect(access.isLetIn(try Self.head(fields[0], fields[1], fields[2] + Self.token)))
        #expect(!access.isLetIn(try Self.head(fields[0], fields[1], fields[2] + "0123456789abcdef")))
        #expect(!access.isLetIn(try Self.head(fields[0], fields[1])))
    }

    @Test func withoutOneAllOfThisMachineAreLetIn() throws {
        let access = try Self.access("127.0.0.1:8642")
        #expect(access.isLetIn(try Self.head("Host: localhost")))
        #expect(!access.isToken(""))
    }

    @Test(arguments: [
        ("127.0.0.1:8642", true), ("127.9.9.9:1", true), ("[::1]:8642", true), ("localhost:80", true),
        ("0.0.0.0:8642", false), ("[::]:8642", false), ("192.168.1.5:65535", false), ("[::ffff:127.0.0.1]:1", false),
    ])
    func anAddressKnowsWhetherOthersReachIt(text: String, isLoopback: Bool) throws {
        #expect(try #require(ListenAddress(text)).isLoopback == isLoopback)
    }

    @Test(arguments: ["", "8642", ":8642", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "door:1", "::1:80", "[::1]"])
    func whatIsNoAddressIsNone(text: String) { #expect(ListenAddress(text) == nil) }
}

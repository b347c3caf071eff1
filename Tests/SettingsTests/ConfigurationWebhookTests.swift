import EventFeed
import HTTP
import Testing
import WebhookFeed

@testable import Settings

@Suite("Configuration: the webhooks")
struct ConfigurationWebhookTests {
    private static let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    private static func decode(_ section: String, environment: [String: String] = [:]) throws -> Configuration {
        try Configuration.decode("\(section)\n\(goodStreams)", file: "w.yaml", environment: environment)
    }

    @Test(arguments: ["", "webhooks:", "webhooks: []"])
    func thereAreNoneUnlessTheyAreConfigured(section: String) throws {
        let configuration = try Self.decode(section)
        #expect(configuration.webhooks.isEmpty)
        #expect(!configuration.report.joined().contains("webhook"))
    }

    @Test func everyKey() throws {
        let configuration = try Self.decode(
            """
            events: {pictures: /p/q}
            webhooks:
              - name: own
                url: "https://host.example/${PATH_KEY}"
                events: [started, health]
                streams: [door*]
                labels: [fall, "*"]
                template: '{"a": {{label}}}'
                headers: {X-Api-Key: "${API}"}
                secret: "${SECRET}"
                picture: true
                ca: /etc/ca.pem
              - {name: phone, url: "https://ntfy.sh/topic7", template: ntfy}
            """,
            environment: ["PATH_KEY": "k3y-of-path", "API": "k3y-of-api", "SECRET": Self.key]
        )
        var wanted = WebhookSettings()
        wanted.name = "own"
        wanted.url = "https://host.example/k3y-of-path"
        wanted.events = [.started, .health]
        wanted.streams = [Glob("door*")]
        wanted.labels = [Glob("fall"), Glob("*")]
        wanted.template = try WebhookTemplate(#"{"a": {{label}}}"#)
        wanted.headers = [HTTPHeader("X-Api-Key", "k3y-of-api")]
        wanted.secret = Self.key
        wanted.hasPicture = true
        wanted.ca = "/etc/ca.pem"
        #expect(configuration.webhooks.first == wanted)
        #expect(configuration.webhooks.last?.template == .ntfy)
        #expect(configuration.webhooks.last?.events == [.started, .ended])
        let report = configuration.report
        #expect(report.contains("webhooks.own.url = https://host.example/***   (w.yaml:4)"))
        #expect(report.contains("webhooks.own.secret = ***   (w.yaml:10)"))
        #expect(report.contains("webhooks.phone.events = started, ended   (default)"))
        let text = report.joined() + "\(configuration)"
        for secret in ["k3y", "MfKQ", "topic7"] { #expect(!text.contains(secret)) }
        #expect(configuration.secrets.values.contains("https://ntfy.sh/topic7"))
    }

    @Test(arguments: [
        (
            "webhooks: {name: a}",
            "w.yaml:1:11: webhooks must be a list, not a mapping; write it like [{name: phone, url: …}]"
        ),
        ("webhooks: [{url: 'http://h/s3cret'}]", "w.yaml:1:12: webhooks[1] has no name; add name: phone"),
        ("webhooks: [{name: a}]", "w.yaml:1:12: webhooks.a has no url; add url: https://ntfy.sh/TOPIC"),
        (
            "webhooks: [{name: a, url: 'ftp://h/s3cret'}]",
            "w.yaml:1:27: webhooks.a.url is not the address of a web server; write it like https://ntfy.sh/TOPIC"
        ),
        (
            "webhooks: [{name: a, url: 'http://h'}, {name: a, url: 'http://h'}]",
            "w.yaml:1:47: the webhook name \"a\" is already used at w.yaml:1:19; give each webhook its own name"
        ),
        (
            "webhooks: [{name: a, url: 'http://h', events: [begun]}]",
            "w.yaml:1:48: webhooks.a.events has an unknown kind of record; "
                + "the choices are started, updated, ended, health"
        ),
        (
            "webhooks: [{name: a, url: 'http://h', secret: s3cret}]",
            "w.yaml:1:47: webhooks.a.secret is not whsec_ and 24 to 64 bytes in Base64; "
                + "make one: echo whsec_$(head -c 32 /dev/urandom | base64)"
        ),
        (
            "webhooks: [{name: a, url: 'http://h', picture: true}]",
            "w.yaml:1:48: webhooks.a.picture needs pictures, and none are kept; "
                + "set events.pictures to a directory, or remove it"
        ),
        (
            "webhooks: [{name: a, url: 'http://h', template: nfty}]",
            "w.yaml:1:49: webhooks.a.template is neither json, ntfy, slack nor a text with placeholders; "
                + "write placeholders in it, such as {{label}} and {{stream}}"
        ),
        (
            "webhooks: [{name: a, url: 'http://h', ca: /a}]",
            "w.yaml:1:43: webhooks.a.ca is for TLS, which its url does not use; write https://"
        ),
    ])
    func whatIsWrong(section: String, fault: String) {
        let faults = diagnostics("\(section)\n\(goodStreams)")
        #expect(faults.first == fault)
        #expect(!faults.joined().contains("s3cret"))
    }
}

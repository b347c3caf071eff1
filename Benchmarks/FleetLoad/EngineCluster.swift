import Fleet
import Glibc
import Synchronization
import System

/// Servers on loopback, of which a majority must live.
final class EngineCluster {
    /// The password of the users `fleet` and `system`.
    static let password = "correct horse"

    private let servers: [Child]
    let addresses: String
    /// The servers' ports for clients.
    let ports: [UInt16]
    /// The link between the first two servers, in both directions; empty if it is a plain one.
    private let links: [CutLink]

    /// - Parameter isSeverable: whether the first two servers are to lose each other.
    init(server: String, directory: String, count: Int = 3, isSeverable: Bool = false) throws {
        let ports = try Self.freePorts(2 * count)
        self.ports = Array(ports[..<count])
        let links = isSeverable ? try ports[count..<(count + 2)].map { try CutLink(to: $0) } : []
        self.links = links
        addresses = ports[..<count].map { "nats://127.0.0.1:\($0)" }.joined(separator: ",")
        servers = try (0..<count).map { index in
            // A host behind a link knows no way around it.
            let listen = "127.0.0.1:\(ports[count + index])"
            // With a link between them, servers advertise an address where nobody listens, so that no route goes around it.
            let routes = (0..<count).map { other in
                let isBehindLink = other != index && links.indices.contains(other) && links.indices.contains(index)
                return isBehindLink ? links[other].address : "nats://127.0.0.1:\(ports[count + other])"
            }
            let way = links.isEmpty ? "" : ", advertise: \"127.0.0.1:9\""
            let cluster =
                "cluster { name: load, listen: \(listen)\(way), routes: [\(routes.joined(separator: ", "))], no_advertise: true }"
            let configuration = """
                server_name: s\(index)
                listen: 127.0.0.1:\(ports[index])
                jetstream { store_dir: "\(Self.store(directory, index))", sync_interval: always, max_file_store: 8GB }
                \(count > 1 ? cluster : "")
                accounts {
                    FLEET { jetstream: enabled, users: [ { user: fleet, password: "\(Self.password)" } ] }
                    SYSTEM { users: [ { user: system, password: "\(Self.password)" } ] }
                }
                system_account: SYSTEM

                """
            let path = "\(directory)/s\(index).conf"
            guard let file = fopen(path, "we") else { throw LoadError("cannot write \(path)") }
            fputs(configuration, file)
            fclose(file)
            return try Child("s\(index)", [server, "-c", path], output: "\(directory)/s\(index).log")
        }
    }

    /// Where a server keeps its streams.
    static func store(_ directory: String, _ server: Int) -> String { "\(directory)/s\(server)" }

    var settings: FleetSettings { Self.settings(addresses, host: "storm") }

    /// A host's settings for servers with these addresses.
    static func settings(_ addresses: String, host: String) -> FleetSettings {
        var settings = FleetSettings(servers: addresses.split(separator: ",").map(String.init), host: host)
        (settings.user, settings.password) = ("fleet", password)
        return settings
    }

    /// Makes the fleet's objects once the servers have elected a leader, which may take them until the limit.
    func prepare(within limit: Duration) throws {
        let end = MonotonicTime.now + limit
        while true {
            do {
                let client = try EngineClient(settings)
                let faults = try FleetSetup(client, isTrial: false).create(EngineObject.Limits(bytes: 1 << 30))
                guard faults.isEmpty else { throw LoadError(faults.joined(separator: "; ")) }
                return
            } catch let error as FleetError {
                guard MonotonicTime.now < end else { throw LoadError("\(error)\(lastLines)") }
                MonotonicTime.sleep(for: .milliseconds(200))
            }
        }
    }

    /// What each server wrote last.
    private var lastLines: String {
        servers.map { "\n\($0.name): \(LineFile.lines($0.output).suffix(3).joined(separator: "\n    "))" }.joined()
    }

    /// The server that leads the stream of records; the first if none does now.
    func leader() -> Int {
        let name = (try? EngineClient(settings))?.leader()
        return servers.firstIndex { $0.name == name } ?? 0
    }

    /// Cuts the link between the first two servers.
    func sever() { for link in links { link.cut([.toServer, .toClient]) } }
    func heal() { for link in links { link.heal() } }

    func kill(_ server: Int) { servers[server].kill() }
    func start(_ server: Int) throws { try servers[server].start() }
    func signal(_ server: Int, _ number: Int32) { servers[server].signal(number) }
    var all: Range<Int> { servers.indices }

    private static let given = Mutex<Set<UInt16>>([])

    /// Ports that nobody uses and that were not given before, below the range from which the system gives outgoing
    /// connections theirs: one of that range is often gone before its server listens.
    ///
    /// No socket tries them: a child that another thread starts at that moment would keep it, and the port.
    static func freePorts(_ count: Int) throws -> [UInt16] {
        let places = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap(LineFile.lines).compactMap { line in
            line.split(separator: " ").dropFirst().first?.split(separator: ":").last
        }
        let used = Set(places.compactMap { UInt16($0, radix: 16) })
        let free = (28_000..<32_000).filter { !used.contains($0) }.shuffled()
        let ports = given.withLock { given in
            let ports = free.filter { !given.contains($0) }.prefix(count)
            given.formUnion(ports)
            return Array(ports)
        }
        guard ports.count == count else { throw LoadError("no port is free") }
        return ports
    }
}

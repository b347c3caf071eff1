/// The hosts of a plan while it is made, with their cameras and loads.
struct HostLoads {
    private let hosts: [Placement.Host]
    /// The place of each host by its name.
    let index: [String: Int]
    private(set) var cameras: [[Placement.Camera]]
    /// The cameras that stay where they are.
    private var fixed: Set<String> = []
    /// The sum of the cameras' loads, by host.
    private var sums: [Double]

    init(_ hosts: [Placement.Host]) {
        self.hosts = hosts
        index = Dictionary(hosts.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        cameras = Array(repeating: [], count: hosts.count)
        sums = Array(repeating: 0, count: hosts.count)
    }

    /// - Parameter present: the host that has the camera; nil for none.
    func canTake(_ camera: Placement.Camera, _ host: Int, from present: Int? = nil) -> Bool {
        !hosts[host].isDraining && (!hosts[host].isClosed || host == present)
            && camera.model.map(hosts[host].models.contains) ?? true
    }

    mutating func add(_ camera: Placement.Camera, to host: Int, isFixed: Bool = false) {
        if isFixed { fixed.insert(camera.name) }
        cameras[host].append(camera)
        sums[host] += camera.load
    }

    /// The host that would have the least load with the camera; the first by name of equal ones.
    func least(for camera: Placement.Camera) -> Int? {
        hosts.indices.filter { canTake(camera, $0) }.min { load($0, with: camera.load) < load($1, with: camera.load) }
    }

    /// Moves cameras from the most loaded host to others while its load is more than `tolerance` times the mean and a move
    /// lowers it.
    mutating func level(to tolerance: Double) {
        let taking = hosts.indices.filter { !hosts[$0].isDraining }
        let mean =
            taking.reduce(0) { $0 + sums[$1] }
            / max(taking.reduce(0) { $0 + hosts[$1].capacity }, .leastNormalMagnitude)
        // Each move lowers the largest load, so it ends; the limit only bounds the time.
        for _ in 0..<cameras.reduce(0, { $0 + $1.count }) {
            let crowded = taking.filter { load($0) > mean * tolerance }.sorted { (load($0), $1) > (load($1), $0) }
            guard let move = firstMove(from: crowded) else { return }
            let camera = cameras[move.source].remove(at: move.camera)
            sums[move.source] -= camera.load
            add(camera, to: move.target)
        }
    }

    private struct Move {
        var source: Int
        var camera: Int
        var target: Int
        /// The larger load of the two hosts after it.
        var peak: Double
    }

    private func firstMove(from sources: [Int]) -> Move? {
        for source in sources {
            if let move = bestMove(from: source) { return move }
        }
        return nil
    }

    /// The move away from a host after which the larger load of the two hosts is least; nil if none lowers it.
    private func bestMove(from source: Int) -> Move? {
        var best: Move?
        // Cameras of the same load and model are alike.
        var seen: Set<Kind> = []
        for (place, camera) in cameras[source].enumerated()
        where !fixed.contains(camera.name) && seen.insert(Kind(camera)).inserted {
            guard let target = least(for: camera), target != source else { continue }
            let peak = max(load(source, with: -camera.load), load(target, with: camera.load))
            guard peak < load(source), peak < best?.peak ?? .infinity else { continue }
            best = Move(source: source, camera: place, target: target, peak: peak)
        }
        return best
    }

    private struct Kind: Hashable {
        var load: Double
        var model: String?

        init(_ camera: Placement.Camera) {
            load = camera.load
            model = camera.model
        }
    }

    private func load(_ host: Int, with more: Double = 0) -> Double { (sums[host] + more) / hosts[host].capacity }
}

import Text

/// The result of one video: a line of the results' file.
struct DataSetOutcome: Sendable, Equatable {
    struct Video: Sendable, Hashable {
        /// The index of the list.
        var list: Int
        var path: String
        var labels: [Int]
    }

    var video: Video
    /// The first five classes, the highest first, with the mean of the views' softmax; empty if it could not be read.
    var ranked: [Int] = []
    var scores: [Double] = []
    /// Of a list whose videos have several classes: the mean of the views' softmax of every class.
    var all: [Double]?
    var error: String?
    /// Damaged packets and pictures; reported, but not saved.
    var damaged = 0

    /// - Parameter keepsAll: whether every class's score is wanted.
    init(_ video: Video, sums: [Double], views: Int, keepsAll: Bool = false, damaged: Int = 0) {
        self.video = video
        self.damaged = damaged
        // The lower number first among equals.
        let order = sums.indices.sorted { (sums[$0], $1) > (sums[$1], $0) }
        ranked = Array(order.prefix(5))
        scores = ranked.map { sums[$0] / Double(views) }
        if keepsAll { all = sums.map { $0 / Double(views) } }
    }

    init(_ video: Video, error: String) {
        self.video = video
        self.error = error
    }

    var line: JSONLine {
        var line = JSONLine(type: "video")
        line.add("list", video.list)
        line.add("path", video.path)
        if video.labels.count == 1 { line.add("class", video.labels[0]) } else { line.add("classes", video.labels) }
        line.add("ranked", ranked)
        line.add("scores", scores)
        if let all { line.add("all", all) }
        line.add("error", error)
        return line
    }

    /// Nil if the value is not such a line.
    init?(_ value: JSONValue, classes: Int) {
        guard value["type"]?.string == "video", let path = value["path"]?.string,
            let list = value["list"]?.number,
            let labels = value["class"]?.number.map({ [$0] })
                ?? value["classes"]?.array?.compactMap({ $0.number }),
            let ranked = value["ranked"]?.array?.compactMap({ $0.number }),
            let scores = value["scores"]?.array?.compactMap({ $0.number }),
            !labels.isEmpty, (ranked + labels).allSatisfy({ (0..<Double(classes)).contains($0) }),
            (0..<1e6).contains(list)
        else { return nil }
        video = Video(list: Int(list), path: path, labels: labels.map { Int($0) })
        self.ranked = ranked.map { Int($0) }
        self.scores = scores
        error = value["error"]?.string
        all = value["all"]?.array?.compactMap { $0.number }
        if let all, all.count != classes { return nil }
    }
}

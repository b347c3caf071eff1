import Text

/// The result of one video: a line of the results' file.
struct DataSetOutcome: Sendable, Equatable {
    struct Video: Sendable, Hashable {
        /// The index of the list.
        var list: Int
        var path: String
        var label: Int
    }

    var video: Video
    /// The first five classes, the highest first, with the mean of the views' softmax; empty if it could not be read.
    var ranked: [Int] = []
    var scores: [Double] = []
    var error: String?
    /// Damaged packets and pictures; reported, but not saved.
    var damaged = 0

    init(_ video: Video, sums: [Double], views: Int, damaged: Int = 0) {
        self.video = video
        self.damaged = damaged
        // The lower number first among equals.
        let order = sums.indices.sorted { (sums[$0], $1) > (sums[$1], $0) }
        ranked = Array(order.prefix(5))
        scores = ranked.map { sums[$0] / Double(views) }
    }

    init(_ video: Video, error: String) {
        self.video = video
        self.error = error
    }

    var line: JSONLine {
        var line = JSONLine(type: "video")
        line.add("list", video.list)
        line.add("path", video.path)
        line.add("class", video.label)
        line.add("ranked", ranked)
        line.add("scores", scores)
        line.add("error", error)
        return line
    }

    /// Nil if the value is not such a line.
    init?(_ value: JSONValue, classes: Int) {
        guard value["type"]?.string == "video", let path = value["path"]?.string,
            let list = value["list"]?.number, let label = value["class"]?.number,
            let ranked = value["ranked"]?.array?.compactMap({ $0.number }),
            let scores = value["scores"]?.array?.compactMap({ $0.number }),
            (ranked + [label]).allSatisfy({ (0..<Double(classes)).contains($0) }), (0..<1e6).contains(list)
        else { return nil }
        video = Video(list: Int(list), path: path, label: Int(label))
        self.ranked = ranked.map { Int($0) }
        self.scores = scores
        error = value["error"]?.string
    }
}

import Tuning

/// The results of one list: how often a right class came first, or among the first five; of a list whose videos have several
/// classes also the mean average precision, and no confusion.
struct DataSetTally {
    /// How often a class was taken for one, by their place in a matrix: [K, K], the true class's row first. Few of its places
    /// are taken.
    private var confusion: [Int: Int] = [:]
    /// The videos of each class: [K].
    private var counts: [Int]
    private(set) var videos = 0
    private(set) var topFive = 0
    /// Videos that could not be read.
    var unreadable = 0
    let classes: Int
    /// Nil if each video has one class.
    private(set) var precision: AveragePrecision?
    private var topOne = 0

    init(classes: Int, isMultiLabel: Bool = false) {
        self.classes = classes
        if isMultiLabel { precision = AveragePrecision(classes: classes) }
        counts = Array(repeating: 0, count: classes)
    }

    /// - Parameter ranked: the classes by falling score; up to five.
    ///   `all`: every class's score, of a video of a list with several classes.
    mutating func add(labels: [Int], ranked: [Int], all: [Double]? = nil) {
        videos += 1
        if ranked.prefix(5).contains(where: labels.contains) { topFive += 1 }
        guard let first = ranked.first else { return }
        if labels.contains(first) { topOne += 1 }
        if let all, precision != nil {
            precision?.add(labels: labels, scores: all)
        } else if let label = labels.first {
            counts[label] += 1
            confusion[label * classes + first, default: 0] += 1
        }
    }

    func count(_ label: Int, takenFor other: Int) -> Int { confusion[label * classes + other, default: 0] }
    func videos(of label: Int) -> Int { precision?.positives(of: label) ?? counts[label] }

    /// Shares of 1; nil before the first video.
    var topOneShare: Double? { share(topOne) }
    var topFiveShare: Double? { share(topFive) }
    /// The mean over the classes that have videos.
    var classMean: Double? {
        let shares = (0..<classes).compactMap(topOneShare(of:))
        return shares.isEmpty ? nil : shares.reduce(0, +) / Double(shares.count)
    }
    func topOneShare(of label: Int) -> Double? {
        guard precision == nil else { return nil }
        let all = videos(of: label)
        return all == 0 ? nil : Double(count(label, takenFor: label)) / Double(all)
    }

    /// The mistakes, the most frequent first.
    var mistakes: [(label: Int, other: Int, count: Int)] {
        let all = confusion.map { (label: $0.key / classes, other: $0.key % classes, count: $0.value) }
        return all.filter { $0.label != $0.other }
            .sorted { ($0.count, -$0.label, -$0.other) > ($1.count, -$1.label, -$1.other) }
    }

    private func share(_ count: Int) -> Double? { videos == 0 ? nil : Double(count) / Double(videos) }
}

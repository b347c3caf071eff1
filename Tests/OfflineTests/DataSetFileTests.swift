import ConfigurationText
import Testing

@testable import Offline
@testable import Settings

@Suite struct DataSetFileTests {
    @Test func theAuthorsListHasPathsAndNumbers() throws {
        let text = "#20_Rhythm_clap_u_nm_np1_fr_goo_0.avi 1\n\na.mp4 0\nsome where/b c.avi\t2\r\n"
        let (list, classes) = try DataSetFile.parse(text, file: "l", classes: ["x", "y", "z"])
        #expect(list.videos.map(\.labels) == [[1], [0], [2]])
        #expect(list.videos.map(\.path) == ["#20_Rhythm_clap_u_nm_np1_fr_goo_0.avi", "a.mp4", "some where/b c.avi"])
        #expect(classes == ["x", "y", "z"])
    }

    @Test func aTableNamesTheClassesItself() throws {
        let text = "path,label\na.mp4,rain\n\"b,1.mp4\",\"a dog, wet\"\nc.mp4,rain\n"
        let (list, classes) = try DataSetFile.parse(text, file: "l", classes: nil)
        #expect(classes == ["rain", "a dog, wet"] && list.videos.map(\.labels) == [[0], [1], [0]])
        #expect(list.videos[1].path == "b,1.mp4")
        let (hash, _) = try DataSetFile.parse("path,label\n#1.mp4,#rain\n#2.mp4,snow\n", file: "l", classes: nil)
        #expect(hash.videos.map(\.path) == ["#1.mp4", "#2.mp4"])
        let (ordered, given) = try DataSetFile.parse(text, file: "l", classes: ["a dog, wet", "snow", "rain"])
        #expect(given.count == 3 && ordered.videos.map(\.labels) == [[2], [0], [2]])
    }

    @Test(
        arguments: [
            ("a.mp4 0", nil, "l:1:1: this is no path,label header"), ("", ["x"], "l: there are no videos"),
            ("a.mp4", ["x"], "l:1:1: this line is not a path"), ("a.mp4 1", ["x"], "l:1:1: there is no class 1"),
            ("a.mp4 -1", ["x"], "l:1:1: there is no class -1"),
            ("path,label\na.mp4,y", ["x"], "l:2:7: \"y\" is none of the classes"),
            ("path,label\na.mp4", nil, "l:2:1: this line is not path,label"),
        ] as [(String, [String]?, String)]
    )
    func whatIsWrongIsNamed(text: String, classes: [String]?, message: String) {
        let error = #expect(throws: ConfigurationError.self) {
            _ = try DataSetFile.parse(text, file: "l", classes: classes)
        }
        #expect(error?.description.hasPrefix(message) == true, "\(error as Any)")
    }

    @Test func classesAreInTheOrderOfTheirNumbers() throws {
        let text = "id,name\n1,air drumming\n0,abseiling\n2,\"eat, drink\"\n"
        #expect(try ClassesFile.parse(text, file: "c") == ["abseiling", "air drumming", "eat, drink"])
        #expect(try ClassesFile.parse("id,name\n0,#1\n1,#2\n", file: "c") == ["#1", "#2"])
        for wrong in [
            "", "id,name", "id,name\n1,x", "id,name\n0,x\n0,y", "id,name\n0,x\n1,x", "name\nx", "id,name\nx,0",
        ] {
            #expect(throws: ConfigurationError.self) { try ClassesFile.parse(wrong, file: "c") }
        }
    }

    /// A text of its own for each video is no class.
    @Test func classesWithoutNumberAreRefused() throws {
        let most = ClassesFile.most
        let list = "path,label\n" + (0..<most).map { "\($0).mp4,thing \($0)\n" }.joined()
        #expect(try DataSetFile.parse(list, file: "l", classes: nil).classes.count == most)
        let known = try DataSetFile.parse(list + "x.mp4,thing 7\n", file: "l", classes: nil)
        #expect(known.classes.count == most)
        let error = #expect(throws: ConfigurationError.self) {
            _ = try DataSetFile.parse(list + "x.mp4,one more\n", file: "l", classes: nil)
        }
        #expect(error?.description.hasPrefix("l:20002:7: there are more than 20000 classes") == true, "\(error as Any)")
        let classes = "id,name\n" + (0..<most).map { "\($0),thing \($0)\n" }.joined()
        #expect(try ClassesFile.parse(classes, file: "c").count == most)
        let refused = #expect(throws: ConfigurationError.self) {
            try ClassesFile.parse(classes + "\(most),one more\n", file: "c")
        }
        #expect(refused?.description.hasPrefix("c:20002:1: there are more than") == true, "\(refused as Any)")
    }

    /// By numpy: (np.arange(8) * (n / 8.) + n / 8. / 2).astype(int), the authors' test mode.
    @Test(arguments: [
        (300, [18, 56, 93, 131, 168, 206, 243, 281]), (8, [0, 1, 2, 3, 4, 5, 6, 7]), (5, [0, 0, 1, 2, 2, 3, 4, 4]),
        (1, [0, 0, 0, 0, 0, 0, 0, 0]),
    ])
    func oneClipTakesTheMiddlesOfTheSegments(count: Int, numbers: [Int]) {
        #expect(DataSetViews(clips: 1, crops: 1).numbers(ofClip: 0, frames: 8, count: count) == numbers)
    }

    @Test func severalClipsShareTheSegmentsOut() {
        let views = DataSetViews(clips: 4, crops: 3)
        let clips = (0..<4).map { views.numbers(ofClip: $0, frames: 2, count: 80) }
        #expect(clips == [[5, 45], [15, 55], [25, 65], [35, 75]])
    }

    /// The ranges that numpy's `randint` draws from in the authors' `_get_train_clips`, and what it gives for short videos:
    /// np.around(np.arange(8) * n / 8).
    @Test(arguments: [
        (15, [0...0, 1...1, 2...2, 3...3, 4...4, 5...5, 6...6, 7...7]),
        (300, [0...36, 37...73, 74...110, 111...147, 148...184, 185...221, 222...258, 259...295]),
        (5, [0...0, 1...1, 1...1, 2...2, 2...2, 3...3, 4...4, 4...4]),
        (1, [0...0, 0...0, 0...0, 0...0, 0...0, 0...0, 0...0, 0...0]),
    ])
    func severalClipsKeepToTheAuthorsSegments(count: Int, ranges: [ClosedRange<Int>]) {
        let views = DataSetViews(clips: 4, crops: 1)
        for clip in 0..<4 {
            let numbers = views.numbers(ofClip: clip, frames: 8, count: count)
            #expect(zip(ranges, numbers).allSatisfy { $0.contains($1) }, "\(numbers)")
        }
    }

    @Test func theTallyCounts() throws {
        var tally = DataSetTally(classes: 3)
        #expect(tally.topOneShare == nil && tally.classMean == nil)
        for (label, ranked) in [(0, [0, 1, 2]), (0, [1, 0, 2]), (1, [1, 2, 0]), (0, [1, 2, 0])] {
            tally.add(labels: [label], ranked: ranked)
        }
        #expect(tally.topOneShare == 0.5 && tally.topFiveShare == 1 && tally.topOneShare(of: 2) == nil)
        let mean = try #require(tally.classMean)
        #expect(abs(mean - 2.0 / 3) < 1e-12)
        let mistake = try #require(tally.mistakes.first)
        #expect(tally.mistakes.count == 1 && mistake == (0, 1, 2))
        #expect(tally.videos(of: 0) == 3 && tally.count(0, takenFor: 0) == 1 && tally.count(1, takenFor: 0) == 0)
    }

    @Test func equalScoresRankByTheirNumber() {
        let video = DataSetOutcome.Video(list: 0, path: "v", labels: [0])
        let outcome = DataSetOutcome(video, sums: [1, 2, 2, 0, 1, 0.5], views: 2)
        #expect(outcome.ranked == [1, 2, 0, 4, 5] && outcome.scores == [1, 1, 0.5, 0.5, 0.25])
    }
}

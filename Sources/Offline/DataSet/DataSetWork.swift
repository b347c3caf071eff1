import Capture
import Dispatch
import Foundation
import Frames
import Synchronization
import System
import Text
import XCLIP

/// The videos of an evaluation that are still to be scored, shared by a thread for each processor.
final class DataSetWork: Sendable {
    typealias Item = (video: DataSetOutcome.Video, place: String)

    private struct State {
        var next = 0
        var isStopped = false
        var outcomes: [DataSetOutcome] = []
    }

    private let items: [Item]
    private let model: XCLIPModel
    private let classes: LabelEmbeddings
    /// The lists whose videos need a score for every class.
    private let multiLabelLists: Set<Int>
    private let options: DataSetEvaluation.Options
    private let state = Mutex(State())
    private let arrival = DispatchSemaphore(value: 0)

    init(
        items: [Item],
        model: XCLIPModel,
        classes: LabelEmbeddings,
        multiLabelLists: Set<Int>,
        options: DataSetEvaluation.Options
    ) {
        self.items = items
        self.model = model
        self.classes = classes
        self.multiLabelLists = multiLabelLists
        self.options = options
    }

    /// Scores all of them; `body` gets each outcome on the caller's thread, in the order in which they come.
    func run(_ body: (DataSetOutcome) throws -> Void) throws {
        var threads: [NamedThread] = []
        defer {
            state.withLock { $0.isStopped = true }
            for thread in threads { thread.join() }
        }
        for _ in 0..<min(options.threads, items.count) {
            // A container may allow fewer threads than there are processors.
            if case .success(let thread) = NamedThread.start("evaluation", { [self] in work() }) {
                threads.append(thread)
            }
        }
        guard !threads.isEmpty || items.isEmpty else {
            throw OperationError("the system lets this program make no thread; raise its limit of tasks")
        }
        for _ in items.indices {
            arrival.wait()
            if let outcome = state.withLock({ $0.outcomes.isEmpty ? nil : $0.outcomes.removeFirst() }) {
                try body(outcome)
            }
        }
    }

    private func work() {
        let scorer = ClipScorer(model: model, classes: classes, reuse: options.reuse)
        var pixels: [UInt8] = []
        while let item = take() {
            let outcome: DataSetOutcome
            do throws(CaptureError) {
                let (sums, damaged) = try score(item.place, scorer, &pixels)
                let views = options.views.clips * options.views.crops
                outcome = DataSetOutcome(
                    item.video,
                    sums: sums,
                    views: views,
                    keepsAll: multiLabelLists.contains(item.video.list),
                    damaged: damaged
                )
            } catch {
                outcome = DataSetOutcome(item.video, error: error.description)
            }
            state.withLock { $0.outcomes.append(outcome) }
            arrival.signal()
        }
    }

    private func take() -> Item? {
        state.withLock { state in
            guard !state.isStopped, state.next < items.count else { return nil }
            defer { state.next += 1 }
            return items[state.next]
        }
    }

    /// The sum over the views of the softmax over the classes, and how much did not decode whole. `pixels`: memory that is
    /// used again.
    private func score(
        _ place: String,
        _ scorer: ClipScorer,
        _ pixels: inout [UInt8]
    ) throws(CaptureError) -> (sums: [Double], damaged: Int) {
        let count = try NumberedPictures.count(in: place)
        guard count > 0 else { throw CaptureError(.unreadable, "\(place) has no picture") }
        let (views, frames) = (options.views, model.configuration.frames)
        let clips = (0..<views.clips).map { views.numbers(ofClip: $0, frames: frames, count: count) }
        let numbers = Set(clips.joined()).sorted()
        let index = Dictionary(uniqueKeysWithValues: numbers.enumerated().map { ($1, $0) })
        let transforms = views.transforms(options.preprocessing, of: model.transform)
        let size = model.transform.byteCount
        if pixels.count < numbers.count * transforms.count * size {
            pixels = Array(repeating: 0, count: numbers.count * transforms.count * size)
        }
        var pictures = try NumberedPictures(opening: place, transforms: transforms)
        return try pixels.withUnsafeMutableBufferPointer { buffer throws(CaptureError) in
            var sums = [Double](repeating: 0, count: classes.count)
            guard let base = buffer.baseAddress else { return (sums, 0) }
            func picture(_ number: Int, _ crop: Int) -> UnsafeMutablePointer<UInt8> {
                base + (number * transforms.count + crop) * size
            }
            try pictures.read(numbers, into: picture)
            for crop in transforms.indices {
                for clip in clips {
                    scorer.addScores(of: clip, to: &sums) { UnsafePointer(picture(index[clip[$0]] ?? 0, crop)) }
                }
            }
            return (sums, pictures.damaged)
        }
    }
}

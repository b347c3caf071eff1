import Events
import Frames
import Synchronization
import TestSupport
import Testing
import XCLIP

@testable import Offline
@testable import Recognition

/// `threshold: auto` on recordings is that of the daemon: what `replay` runs and what the inference thread runs, with the same
/// pictures at the same times, learn the same and emit the same; and learning from these scores in one go gives the same.
@Suite struct LearnedThresholdParityTests {
    private final class Output: RecognitionOutput {
        let transitions = Mutex<[Transition]>([])
        let scores = Mutex<[(time: Duration, score: Double)]>([])

        func transition(_ transition: Transition, label: Int, confirmed: Bool, of stream: StreamSpecification) {
            transitions.withLock { $0.append(transition) }
        }

        func decided(_ decision: Decision, of stream: StreamSpecification) {
            scores.withLock { $0.append((decision.time, decision.scores[0])) }
        }
    }

    /// Half an hour and more, a picture a second.
    private static let seconds = 2400

    private let directory: TemporaryDirectory
    private let model: XCLIPModel

    init() throws {
        directory = try TemporaryDirectory()
        try RandomCheckpoint.write(.tiny, to: directory.path, seed: 5)
        model = try XCLIPModel(directory: directory.path)
    }

    private func specification(threshold: Double) -> StreamSpecification {
        let rules = EventRules(
            threshold: threshold,
            release: threshold,
            minDuration: .seconds(1),
            hold: .zero,
            cooldown: .seconds(2),
            isLearned: true
        )
        var specification = StreamSpecification(
            name: "yard",
            labels: [.init(name: "dog", text: "a dog", rules: rules)],
            window: .seconds(8)
        )
        (specification.gate, specification.confirm, specification.audit) = (0, false, 0)
        return specification
    }

    private func frame(_ second: Int) -> SampledFrame { SampledFrame(time: Double(second), ticks: second..<second + 1) }

    private func fill(_ pixels: UnsafeMutableBufferPointer<UInt8>, _ second: Int) {
        var generator = SeededGenerator(seed: UInt64(second))
        for index in pixels.indices { pixels[index] = UInt8.random(in: 0...255, using: &generator) }
    }

    private func embeddings(_ specification: StreamSpecification) throws -> LabelEmbeddings {
        try TextEncoder(directory: directory.path).encode(specification.texts, threads: 1)
    }

    private var encoder: FrameEncoder { FrameEncoder(model: model, team: model.makeTeam(threads: 1), batch: 1) }

    /// As `RecordedStream` runs a recording.
    private func replayed(
        _ specification: StreamSpecification
    ) throws -> (lane: EvaluationLane, transitions: [Transition]) {
        var lane = EvaluationLane(
            specification,
            embeddings: try embeddings(specification),
            encoder: encoder,
            auditSeed: 1
        )
        var transitions: [Transition] = []
        let pixels = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: model.transform.byteCount)
        defer { pixels.deallocate() }
        for second in 0..<Self.seconds {
            fill(pixels, second)
            guard let base = pixels.baseAddress else { continue }
            lane.step(frame(second), pixels: base, at: .seconds(second)) { transition, _, _ in
                transitions.append(transition)
            }
        }
        return (lane, transitions)
    }

    /// As `InferenceLoop` runs a camera.
    private func watched(_ specification: StreamSpecification) throws -> (
        stream: InferenceWorker.Stream, output: Output
    ) {
        let stream = InferenceWorker.Stream(
            specification: specification,
            embeddings: try embeddings(specification),
            pictureBytes: model.transform.byteCount
        )
        let (output, encoder) = (Output(), encoder)
        let session = StreamSession(stream: stream, encoder: encoder, output: output)
        var batch = FrameBatch(capacity: 1)
        for second in 0..<Self.seconds {
            fill(stream.ring.writeBuffer, second)
            stream.ring.publish(frame(second), epoch: 1, arrival: .seconds(second))
            #expect(session.takeNewest(into: &batch))
            encoder.encode(batch, specification.reuse)
            batch.removeAll()
            session.decide(batchBegun: .zero)
        }
        return (stream, output)
    }

    @Test func aReplayLearnsAndEmitsWhatTheDaemonDoes() throws {
        // The middle of the random model's scores, so that events start and end until the level is known.
        let scores = try replayed(specification(threshold: 1)).lane.trace.scores(ofLabel: 0).sorted()
        let specification = specification(threshold: scores[scores.count / 2])
        let (lane, transitions) = try replayed(specification)
        let (stream, output) = try watched(specification)

        #expect(transitions.count { $0.kind == .started } > 5)
        #expect(output.transitions.withLock { $0 } == transitions)
        let reading = try #require(lane.recogniser.learned[0]?.reading)
        #expect(stream.statistics.learned == [reading])
        // It did move.
        #expect(reading.quiet != nil && reading.threshold != specification.labels[0].rules.threshold)

        // The same decisions, learned in one go.
        var atOnce = LearnedThreshold(rules: specification.labels[0].rules, temperature: 1)
        atOnce.learn([output.scores.withLock { $0 }])
        #expect(atOnce.reading == reading)
    }
}

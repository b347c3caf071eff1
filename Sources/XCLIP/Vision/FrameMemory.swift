import Foundation
import Kernels

/// What a stream's earlier frames left behind: the one place that reuse between frames lives in.
///
/// A window has T positions on the sampling grid, in time order, oldest first. Each position names a *state*, and several
/// positions may name one (a frame that stands for several ticks): m equal frames are one state with multiplicity m. There
/// are T states, so that one is always free for a new frame. A state s holds:
///
/// - blockZero[s]: its tokens after block 0, [N, D]; block 0's message is the same for every frame, so they never go stale
///   (kept only where exact passes are wanted). Where steps are scored in int8, its tokens before block 0, until an exact
///   pass has computed that in floats;
/// - messages[l][s]: keys and values of its message in block l ≥ 1, [2D] (a sweep makes them anew each time);
/// - tokens[l][s]: keys and values of its class token, its patches and its message in block l ≥ 1's self-attention,
///   [N+1, 2D] (kept only where class tokens are swept: `ClassPathSweep`);
/// - classZero[s]: its class token after block 0 as steps compute it, [D] (likewise; a part of blockZero[s] where that is
///   computed alike);
/// - classFeatures[s]: its class token after post-LayerNorm and visual projection, [E];
/// - patchFeatures[s]: its patches after the prompts' LayerNorm and projection, [N−1, E].
///
/// Bytes: T · 4 · (N·D + (L−1)·2D + E + (N−1)·E), the first term only with exact passes; swept (L−1)·(N+1)·2D more. Sums
/// over the window are built anew from these at each step, so they never drift. Owned by one thread.
package final class FrameMemory {
    /// What a new frame's messages attend to.
    package enum Reach: Sendable {
        /// Those of the window's frames: `cached`.
        case window
        /// Themselves alone, as if each frame were a clip of its own: the lower bar that reuse is measured against.
        case itself
    }

    /// How the stream's steps are computed.
    package let precision: Precision
    let window: Int
    private let tokenCount: Int
    private let patches: Int
    private let arena = FloatArena()
    private let blockZero: Rows?
    private let classZero: Rows?
    /// Whether blockZero[s] has passed block 0.
    private var isBlockZeroDone: [Bool]
    private let messages: [Rows]
    private let tokens: [Rows]
    let classFeatures: Rows
    private let patchFeatures: Rows
    /// log m of each state for message attention, −∞ for a state that no position names. [T]
    let logMultiplicity: Rows
    /// What is added to a new frame's attention logits: `logMultiplicity`, or where it reaches for itself alone 0 for its
    /// own state and −∞ for all others. [T]
    let messageBias: Rows
    private let reach: Reach

    /// State of each filled position, oldest first, and the time of the frame that stands there.
    private(set) var states: [Int] = []
    package private(set) var times: [Double] = []
    private var multiplicity: [Int]

    /// `precision`: of the steps, nil for the model's; `int8` only for a model that has it. `keepsBlockZero`: exact passes will
    /// be asked for. `keepsTokens`: sweeps of the class tokens will.
    package init(
        model: XCLIPModel,
        precision: Precision? = nil,
        keepsBlockZero: Bool,
        keepsTokens: Bool = false,
        reach: Reach = .window
    ) {
        let configuration = model.configuration
        self.precision = precision ?? model.precision
        precondition(self.precision == .float32 || model.precision == .int8, "the model has no weights in int8")
        window = configuration.frames
        tokenCount = configuration.tokens
        patches = configuration.patches
        let width = configuration.vision.width
        blockZero = keepsBlockZero ? arena.makeDenseRows(window * tokenCount, width: width) : nil
        let sharedClasses = self.precision == .float32 ? blockZero?.every(tokenCount) : nil
        classZero = keepsTokens ? sharedClasses ?? arena.makeDenseRows(window, width: width) : nil
        isBlockZeroDone = Array(repeating: false, count: window)
        tokens = (0..<configuration.vision.layers).map { [arena, window, tokenCount] in
            arena.makeRows(keepsTokens && $0 > 0 ? window * (tokenCount + 1) : 0, width: 2 * width)
        }
        messages = (0..<configuration.vision.layers).map { [arena, window] in
            $0 == 0 ? arena.makeDenseRows(0, width: 2 * width) : arena.makeRows(window, width: 2 * width)
        }
        classFeatures = arena.makeRows(window, width: configuration.embedding)
        patchFeatures = arena.makeDenseRows(window * patches, width: configuration.embedding)
        logMultiplicity = arena.makeDenseRows(1, width: window)
        self.reach = reach
        messageBias = reach == .window ? logMultiplicity : arena.makeDenseRows(1, width: window)
        multiplicity = Array(repeating: 0, count: window)
        states.reserveCapacity(window + 1)
        times.reserveCapacity(window + 1)
        clear()
    }

    package var byteCount: Int { arena.byteCount }
    /// Whether every position of the window is filled.
    package var isFull: Bool { states.count == window }
    var keepsBlockZero: Bool { blockZero != nil }
    var keepsTokens: Bool { classZero != nil }
    /// Whether one state fills all positions that are filled.
    package var isUniform: Bool { distinctStates == 1 }
    /// T, the positions of a window.
    package var capacity: Int { window }
    /// The states in use, each once, in the order of their first position.
    var distinctStates: Int { multiplicity.reduce(0) { $0 + ($1 > 0 ? 1 : 0) } }
    func multiplicity(ofState state: Int) -> Int { multiplicity[state] }

    /// Forgets all frames: the source was lost, or its picture is another.
    package func clear() {
        states.removeAll(keepingCapacity: true)
        times.removeAll(keepingCapacity: true)
        for state in 0..<window { multiplicity[state] = 0 }
        logMultiplicity.fill(-.infinity)
    }

    /// Forgets all frames and what was computed of them. A state that no position names is read with no weight, but what is
    /// no number stays so at any weight.
    package func erase() {
        clear()
        for rows in messages + tokens { rows.fill(0) }
        classZero?.fill(0)
    }

    /// Takes a new frame that stands for `ticks` ≥ 1 positions; the oldest give way. Returns its state, to be filled.
    func append(time: Double, ticks: Int) -> Int {
        precondition(ticks >= 1, "a frame stands for at least one tick")
        makeRoom(min(ticks, window))
        // T states, and at most T − 1 positions are left: one is free.
        let state = multiplicity.firstIndex(of: 0) ?? 0
        place(state, time: time, ticks: min(ticks, window))
        if reach == .itself {
            messageBias.fill(-.infinity)
            messageBias[0][state] = 0
        }
        return state
    }

    /// The newest frame stands for `ticks` more positions: nothing newer came in time, and time is not compressed.
    package func hold(ticks: Int) {
        guard ticks > 0, let state = states.last, let time = times.last else { return }
        makeRoom(min(ticks, window))
        place(state, time: time, ticks: min(ticks, window))
    }

    private func makeRoom(_ ticks: Int) {
        let surplus = max(0, states.count + ticks - window)
        for position in 0..<surplus { multiplicity[states[position]] -= 1 }
        states.removeFirst(surplus)
        times.removeFirst(surplus)
    }

    private func place(_ state: Int, time: Double, ticks: Int) {
        for _ in 0..<ticks {
            states.append(state)
            times.append(time)
        }
        multiplicity[state] += ticks
        for state in 0..<window {
            logMultiplicity[0][state] = multiplicity[state] == 0 ? -.infinity : log(Float(multiplicity[state]))
        }
    }

    /// Keeps the state's tokens for exact passes, [N, D], before block 0 or after it.
    func keepBlockZero(_ tokens: Rows, ofState state: Int, isDone: Bool) {
        blockZero(ofState: state)?.copy(from: tokens)
        isBlockZeroDone[state] = isDone
    }

    /// Keeps the state's class token after block 0 for sweeps, [1, D].
    func keepClassZero(_ classToken: Rows, ofState state: Int) {
        classZero?[state..<state + 1].copy(from: classToken)
    }

    /// Whether `blockZero(ofState:)` has passed block 0.
    func isBlockZeroDone(ofState state: Int) -> Bool { isBlockZeroDone[state] }

    /// The state's tokens after block 0, or before it. [N, D]
    func blockZero(ofState state: Int) -> Rows? {
        blockZero.map { $0[state * tokenCount..<(state + 1) * tokenCount] }
    }

    /// The class tokens of all states after block 0. [T, D]
    var classTokensAfterBlockZero: Rows? { classZero }
    /// Keys and values of all states' tokens and messages in block `layer` ≥ 1's self-attention. [T·(N+1), 2D]
    func tokens(inBlock layer: Int) -> Rows { tokens[layer] }
    /// Those of one state. [N+1, 2D]
    func tokens(inBlock layer: Int, ofState state: Int) -> Rows {
        tokens[layer][state * (tokenCount + 1)..<(state + 1) * (tokenCount + 1)]
    }

    /// Message keys and values of all states in block `layer` ≥ 1. [T, 2D]
    func messages(inBlock layer: Int) -> Rows { messages[layer] }
    /// The state's patch features. [N−1, E]
    func patchFeatures(ofState state: Int) -> Rows { patchFeatures[state * patches..<(state + 1) * patches] }
}

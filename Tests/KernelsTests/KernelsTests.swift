import Foundation
import Testing

@testable import Kernels

/// Compares every kernel, on every backend of this processor, with its naive reference. The shapes are not multiples of
/// any block size.
@Suite struct KernelsTests {
    static let backends = KernelBackend.allCases.filter(\.isAvailable)

    @Test(arguments: backends, [1, 5, 6, 7, 50, 51, 197])
    func linearEqualsItsReference(backend: KernelBackend, count: Int) {
        var random = Random(state: UInt64(count))
        let arena = FloatArena()
        for (inputs, outputs) in [(1, 1), (36, 24), (129, 65), (400, 130), (768, 64)] {
            for threads in [1, 2, 3] {
                let team = ComputeTeam(threads: threads, backend: backend)
                let (matrix, bias, input) = (
                    random.matrix(outputs, inputs), random.floats(outputs), random.matrix(count, inputs)
                )
                let weights = makeLinear(matrix, bias: bias, backend: backend)
                let output = arena.makeRows(count, width: outputs)
                let tolerance = 2e-6 * Float(inputs).squareRoot() * 4
                for activation in [Activation.identity, .quickGELU, .gelu] {
                    linear(
                        output,
                        rows(input, arena: arena, width: inputs),
                        weights,
                        activation: activation,
                        team: team
                    )
                    let reference = linearReference(input, weights: matrix, bias: bias, activation: activation)
                    #expect(distance(output, reference) < tolerance, "\(inputs)×\(outputs) \(activation)")
                }
                let start = random.matrix(count, outputs)
                let sum = rows(start, arena: arena, width: outputs)
                linear(sum, rows(input, arena: arena, width: inputs), weights, accumulate: true, team: team)
                let reference = linearReference(input, weights: matrix, bias: bias)
                let expected = zip(start, reference).map { zip($0, $1).map { $0 + $1 } }
                #expect(distance(sum, expected) < tolerance)
            }
        }
    }

    @Test(arguments: backends, [WeightStorage.float16, .bfloat16])
    func halfPrecisionWeightsDifferByRoundingOnly(backend: KernelBackend, storage: WeightStorage) {
        var random = Random(state: 3)
        let arena = FloatArena()
        let team = ComputeTeam(threads: 2, backend: backend)
        let rounded = random.matrix(70, 300).map { row in
            row.map { storage == .float16 ? Float(Float16($0)) : Float(bitPattern: $0.bitPattern & 0xffff_0000) }
        }
        let weights = makeLinear(rounded, bias: nil, storage: storage, backend: backend)
        // One tile of rows, which reads 16-bit weights directly, and several.
        for count in [1, 5, 9] {
            let input = random.matrix(count, 300)
            let output = arena.makeRows(count, width: 70)
            linear(output, rows(input, arena: arena, width: 300), weights, team: team)
            #expect(distance(output, linearReference(input, weights: rounded, bias: nil)) < 1e-4)
        }
    }

    @Test(arguments: backends, [1, 7, 48, 100, 768])
    func layerNormEqualsItsReference(backend: KernelBackend, width: Int) {
        var random = Random(state: UInt64(width))
        let arena = FloatArena()
        let team = ComputeTeam(threads: 2, backend: backend)
        let (weight, bias) = (random.floats(width), random.floats(width))
        let input = random.matrix(35, width).map { $0.map { $0 * 3 + 1 } }
        let norm = LayerNorm(weight: weight, bias: bias, epsilon: 1e-5)
        let reference = input.map { layerNormReference($0, weight: weight, bias: bias, epsilon: 1e-5) }
        let output = arena.makeRows(35, width: width)
        layerNorm(output, rows(input, arena: arena, width: width), norm, team: team)
        #expect(distance(output, reference) < 1e-5)

        // With a gap after every 7 rows, which stays untouched.
        let gapped = arena.makeRows(40, width: width)
        gapped.fill(9)
        layerNorm(gapped, rows(input, arena: arena, width: width), norm, gapAfter: 7, team: team)
        for row in 0..<40 {
            let expected = row % 8 == 7 ? [Float](repeating: 9, count: width) : reference[row - row / 8]
            #expect(distance(gapped[row..<row + 1], [expected]) < 1e-5)
        }
    }

    @Test(
        arguments: backends,
        [
            (1, 1, 4), (1, 9, 7), (1, 51, 64), (1, 198, 72), (1, 33, 36), (17, 18, 12), (50, 51, 64), (130, 131, 7),
            (3, 200, 72),
        ]
    )
    func attentionEqualsItsReference(backend: KernelBackend, shape: (queries: Int, keys: Int, headWidth: Int)) {
        var random = Random(state: 5)
        let arena = FloatArena()
        let (heads, sets) = (3, 2)
        let width = heads * shape.headWidth
        let scratch = Attention.scratchFloats(headWidth: shape.headWidth, keys: shape.keys, backend: backend)
        let team = ComputeTeam(threads: 2, backend: backend, scratchFloats: scratch)
        let gap = shape.keys - shape.queries
        let values = random.matrix(sets * shape.keys, 3 * width).map { $0.map { $0 * 3 } }
        let qkv = rows(values, arena: arena, width: 3 * width)
        let output = arena.makeRows(sets * shape.queries, width: width)
        func part(_ set: Int, _ head: Int, _ index: Int, _ count: Int) -> [[Float]] {
            let first = index * width + head * shape.headWidth
            return values[set * shape.keys..<set * shape.keys + count].map {
                Array($0[first..<first + shape.headWidth])
            }
        }
        for causal in [false, true] {
            attention(
                output,
                q: qkv.columns(0..<width),
                k: qkv.columns(width..<2 * width),
                v: qkv.columns(2 * width..<3 * width),
                shape: Attention(sets: sets, heads: heads, queries: shape.queries, keys: shape.keys, causal: causal),
                queryGap: gap,
                team: team
            )
            for set in 0..<sets {
                for head in 0..<heads {
                    let reference = attentionReference(
                        q: part(set, head, 0, shape.queries),
                        k: part(set, head, 1, shape.keys),
                        v: part(set, head, 2, shape.keys),
                        causal: causal
                    )
                    let ours = output[set * shape.queries..<(set + 1) * shape.queries]
                        .columns(head * shape.headWidth..<(head + 1) * shape.headWidth)
                    #expect(distance(ours, reference) < 1e-5)
                }
            }
        }
    }

    /// A key that represents m equal ones has m times the weight. An absent key has none, whatever its values.
    @Test(arguments: backends, [1, 2]) func keyBiasCountsAndMasks(backend: KernelBackend, queries: Int) {
        var random = Random(state: 8)
        let arena = FloatArena()
        let team = ComputeTeam(threads: 1, backend: backend, scratchFloats: 100_000)
        let (q, k) = (random.matrix(queries, 16), random.matrix(3, 16))
        var v = random.matrix(3, 16)
        let repeated = attentionReference(q: q, k: [k[0], k[0], k[0], k[1]], v: [v[0], v[0], v[0], v[1]])
        v[2] = Array(repeating: 1e30, count: 16)
        let output = arena.makeRows(queries, width: 16)
        let bias: [Float] = [log(3), 0, -.infinity]
        bias.withUnsafeBufferPointer { bias in
            attention(
                output,
                q: rows(q, arena: arena, width: 16),
                k: rows(k, arena: arena, width: 16),
                v: rows(v, arena: arena, width: 16),
                shape: Attention(heads: 1, queries: queries, keys: 3),
                keyBias: bias.baseAddress,
                team: team
            )
        }
        #expect(distance(output, repeated) < 1e-5)
    }

    /// Prefetching any number of weights changes no bit of a product.
    ///
    /// OpenBLAS is left out: it prefetches nothing, and its last bits depend on its number of threads, which is global
    /// and which another test may set meanwhile.
    @Test(arguments: backends.filter { $0.floats != .openBLAS }, [WeightStorage.float32, .float16, .int8])
    func prefetchingLaterWeightsChangesNothing(backend: KernelBackend, storage: WeightStorage) {
        var random = Random(state: 4)
        let arena = FloatArena()
        let team = ComputeTeam(threads: 2, backend: backend)
        // Several blocks of K, the last one shallower, and several panels per task.
        let weights = makeLinear(random.matrix(1100, 900), bias: nil, storage: storage, backend: backend)
        let others = [WeightStorage.float32, .int8].flatMap { storage in
            [(3, 5), (600, 700), (2000, 1500)].map { outputs, inputs in
                makeLinear(random.matrix(outputs, inputs), bias: nil, storage: storage, backend: backend)
            }
        }
        for count in [1, 5, 7, 50] {
            let input = rows(random.matrix(count, 900), arena: arena, width: 900)
            let (plain, fetching) = (arena.makeRows(count, width: 1100), arena.makeRows(count, width: 1100))
            linear(plain, input, weights, team: team)
            for later in others {
                fetching.fill(.nan)
                linear(fetching, input, weights, later: later, team: team)
                for row in 0..<count { #expect(Array(fetching[row]) == Array(plain[row])) }
            }
        }
    }

    @Test(arguments: backends) func patchRowsAreThePixelsOfEachPatch(backend: KernelBackend) {
        let team = ComputeTeam(threads: 2, backend: backend)
        let arena = FloatArena()
        // 7×6 pixels in patches of 3: two rows of two. Like the convolution, it leaves out the last row of pixels.
        let pixels = (0..<7 * 6 * 3).map { UInt8($0) }
        let patches = arena.makeRows(4, width: 27)
        pixels.withUnsafeBufferPointer { pixels in
            guard let base = pixels.baseAddress else { return }
            patchRows(patches, pixels: base, pictures: 1, height: 7, width: 6, patch: 3, team: team)
        }
        for patch in 0..<4 {
            for (index, value) in patches[patch].enumerated() {
                let (y, x) = (patch / 2 * 3 + index / 9, patch % 2 * 9 + index % 9)
                #expect(value == Float(pixels[y * 18 + x]))
            }
        }
    }

    @Test func teamOfManyThreadsDoesEveryTaskOnceUnderPressure() {
        let arena = FloatArena()
        var random = Random(state: 2)
        let matrix = random.matrix(300, 10)
        let input = random.matrix(3, 10)
        let weights = makeLinear(matrix, bias: nil, backend: .best)
        let reference = linearReference(input, weights: matrix, bias: nil)
        let team = ComputeTeam(threads: 8, backend: .best)
        let inputRows = rows(input, arena: arena, width: 10)
        let output = arena.makeRows(3, width: 300)
        for _ in 0..<3000 {
            output.fill(0)
            linear(output, inputRows, weights, team: team)
            if distance(output, reference) > 1e-5 { Issue.record("a task was lost or done twice"); return }
        }
    }
}

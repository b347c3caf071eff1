import Glibc
import Testing

@testable import System

/// A process without a descriptor to spare.
@Suite struct FullTableTests {
    @Test func identifiersNeedNoDescriptor() async {
        await #expect(processExitsWith: .success) {
            var limit = rlimit(rlim_cur: 0, rlim_max: 0)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
            getrlimit(resource, &limit)
            limit.rlim_cur = 0
            setrlimit(resource, &limit)
            let identifiers = (0..<1000).map { _ in RandomIdentifier.make() }
            #expect(Set(identifiers).count == 1000)
            // RFC 9562, 5.4: version 4, variant 10.
            let pattern = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/
            #expect(identifiers.allSatisfy { $0.wholeMatch(of: pattern) != nil })
        }
    }

    @Test func theLimitIsRaisedAsFarAsTheSystemAllows() async {
        await #expect(processExitsWith: .success) {
            var limit = rlimit(rlim_cur: 100, rlim_max: 200)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
            setrlimit(resource, &limit)
            #expect(DescriptorLimit.current == 100)
            DescriptorLimit.raise()
            #expect(DescriptorLimit.current == 200)
            #expect(DescriptorLimit.leavesReserve(149))
            #expect(!DescriptorLimit.leavesReserve(150))
        }
    }
}

import System
import Testing

@testable import WebhookFeed

/// A record that the receiver answers with 500 or 401 is offered for a day, as the manual says, and no longer.
@Suite struct WebhookPatienceTests {
    private let start = Instant(sinceOrigin: .seconds(1_000_000))

    @Test func aDayIsOverAfterADay() {
        var patience = WebhookPatience()
        for second in [0, 1, 60, 43_200, 86_399, 86_400] {
            let ends = patience.ends(at: start + .seconds(second))
            #expect(!ends, "\(second)")
        }
        let ends = patience.ends(at: start + .seconds(86_401))
        #expect(ends)
    }

    /// The day begins with the first such answer: a receiver that was away before has not refused the record.
    @Test func itBeginsWithTheFirstAnswer() {
        var patience = WebhookPatience()
        let ends = [200_000, 290_000].map { patience.ends(at: start + .seconds($0)) }
        #expect(ends == [false, true])
    }

    /// The answers that may concern the record, and those that say nothing about it.
    @Test(arguments: [401: true, 403: true, 407: true, 500: true, 501: true, 408: false, 429: false, 503: false])
    func onlySomeAnswersConcernTheRecord(status: Int, concerns: Bool) {
        guard case .later(_, _, let mayConcern) = WebhookVerdict(status: status, retryAfter: nil) else {
            Issue.record("\(status) is not waited out")
            return
        }
        #expect(mayConcern == concerns)
    }
}

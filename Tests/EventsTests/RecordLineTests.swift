import Events
import Testing
import Text

/// The exact lines of the event socket.
@Suite struct RecordLineTests {
    private let start = UTCTime(microseconds: 1_795_342_503_120_000)

    @Test func openEvent() {
        let event = LabelEvent(
            id: "7",
            state: .started,
            stream: "door",
            label: "parcel",
            text: "a person puts down a parcel",
            score: 0.83,
            topScore: 0.83,
            threshold: 0.6,
            startTime: start,
            windowSeconds: 5,
            model: "tiny",
            confirmed: true,
            time: start + .seconds(1)
        )
        #expect(
            FeedRecord.event(event).line(seq: 1042).text
                == #"{"type":"event","seq":1042,"id":"7","state":"started","stream":"door","label":"parcel","#
                + #""text":"a person puts down a parcel","score":0.83,"top_score":0.83,"threshold":0.6,"#
                + #""start_time":"2026-11-22T10:15:03.120Z","end_time":null,"duration":null,"end_reason":null,"#
                + #""window_seconds":5.0,"model":"tiny","confirmed":true,"time":"2026-11-22T10:15:04.120Z"}"#
        )
    }

    @Test func endedEvent() {
        let event = LabelEvent(
            id: "7",
            state: .ended,
            stream: "door",
            label: "parcel",
            text: "a parcel",
            score: 0.1,
            topScore: 0.9,
            threshold: 0.6,
            startTime: start,
            endTime: start + .milliseconds(2500),
            duration: .milliseconds(2500),
            endReason: .belowRelease,
            windowSeconds: 5,
            model: "tiny",
            confirmed: false,
            time: start + .milliseconds(2500)
        )
        #expect(
            FeedRecord.event(event).line(seq: 3).text.contains(
                #""end_time":"2026-11-22T10:15:05.620Z","duration":2.5,"end_reason":"below_release","#
            )
        )
    }

    @Test func streamHealth() {
        let offline = StreamHealth(stream: "door", state: .offline, reason: "refused", since: start)
        #expect(
            FeedRecord.stream(offline).line(seq: 2).text
                == #"{"type":"stream","seq":2,"stream":"door","state":"offline","reason":"refused","#
                + #""since":"2026-11-22T10:15:03.120Z"}"#
        )
        let online = StreamHealth(stream: "door", state: .online, since: start)
        #expect(FeedRecord.stream(online).line(seq: 2).text.contains(#""reason":null"#))
    }

    @Test func scores() {
        let entries = [
            ScoresRecord.Entry(label: "TEXT", logit: 12.3, score: 0.91),
            ScoresRecord.Entry(label: "none", logit: .nan, score: 0),
        ]
        let file = ScoresRecord(stream: nil, time: .media(6.4), frames: [1.4, 2.1], reuse: "exact", entries: entries)
        #expect(
            file.line.text
                == #"{"type":"scores","time":6.4,"frames":[1.4,2.1],"reuse":"exact","#
                + #""logits":{"TEXT":12.3,"none":null},"scores":{"TEXT":0.91,"none":0.0}}"#
        )
        let live = ScoresRecord(stream: "door", time: .utc(start), reuse: "cached", entries: [])
        #expect(
            live.line.text
                == #"{"type":"scores","stream":"door","time":"2026-11-22T10:15:03.120Z","reuse":"cached","#
                + #""logits":{},"scores":{}}"#
        )
    }
}

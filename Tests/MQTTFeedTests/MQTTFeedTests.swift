import Testing

@Suite struct MQTTFeedTests {}

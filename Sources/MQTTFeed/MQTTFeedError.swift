/// To be written.
enum MQTTFeedError: Error {}

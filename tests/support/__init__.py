"""What tests of several folders share: real servers, started by hand on loopback."""

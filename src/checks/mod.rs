//! Native rules, one file per rule or tight family. A new one is a file here and a line below.

// Beast's reason phrases, compiled once. The rest of `boost/beast/src.hpp` would pull in Asio, which this room does
// without.
#define BOOST_BEAST_SOURCE

#include <ostream>  // which the next one uses

#include <boost/beast/http/impl/status.ipp>

-- Sends the requests of a file in turn: a path, a tab and an access token on each line. The second argument, if
-- there is one, is a file whose content is posted with each.
local requests, turn = {}, 0

function init(arguments)
  local body, method = nil, "GET"
  if arguments[2] then
    local file = assert(io.open(arguments[2]))
    body, method = file:read("*a"), "POST"
    file:close()
  end
  for line in io.lines(arguments[1]) do
    local path, token = line:match("^(%S+)\t(%S+)$")
    local headers = { ["Authorization"] = "Bearer " .. token, ["Content-Type"] = body and "application/json" }
    requests[#requests + 1] = wrk.format(method, path, headers, body)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

-- Requests, microseconds in all, at the median and the 99th percentile, and errors.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("\nRESULT %d %d %d %d %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end

-- A delivery: state, fence, when it ends (ms), fingerprint, and the answer of a completed one.
local LAYOUT = '>BI8I8c32'
local ANSWER_AT = 50
local HELD, DONE = 0, 1

-- Not tostring: it writes large numbers with an exponent.
local function digits(number)
  return string.format('%.0f', number)
end

-- session 서버의 소식을 적고, 지난 임대를 걷어 부하를 다시 센다.
-- KEYS[1]  {fleet}:server:<id>  hash {address, state, capacity, running, version, seen, lease:<match> -> 만료 ms}
-- KEYS[2]  {fleet}:servers      zset id -> 부하(도는 판 + 여는 판 + 그 밖의 산 임대)
-- KEYS[3]  {fleet}:draining     set
-- ARGV     1 server_id  2 address  3 state  4 capacity(판)  5 running(판)  6 version  7 ttl_ms
--          8.. 열고 있는 판의 match_id. 굳혔지만 아직 돌지 않는 판이 부하에서 빠지지 않고, 임대와 겹쳐 세지도 않는다
-- 답       {부하(판), 비우려는 뜻 0|1}   시각은 Redis의 것
-- 불변조건 부하 = 서버가 말한 도는 판과 여는 판 + 서버가 아직 모르는 산 임대.
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local opening, lapsed, leases = {}, {}, 0
for i = 8, #ARGV do
  opening['lease:' .. ARGV[i]] = true
end
local row = redis.call('HGETALL', KEYS[1])
for i = 1, #row, 2 do
  if string.sub(row[i], 1, 6) == 'lease:' then
    if tonumber(row[i + 1]) <= now_ms then
      lapsed[#lapsed + 1] = row[i]
    elseif not opening[row[i]] then
      leases = leases + 1
    end
  end
end
local load = tonumber(ARGV[5]) + (#ARGV - 7) + leases
redis.call('HSET', KEYS[1], 'address', ARGV[2], 'state', ARGV[3], 'capacity', ARGV[4], 'running', ARGV[5],
  'version', ARGV[6], 'seen', now_ms)
redis.call('PEXPIRE', KEYS[1], ARGV[7])
redis.call('ZADD', KEYS[2], load, ARGV[1])
for i = 1, #lapsed do
  redis.call('HDEL', KEYS[1], lapsed[i])
end
return { load, redis.call('SISMEMBER', KEYS[3], ARGV[1]) }

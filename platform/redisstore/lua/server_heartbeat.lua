-- session 서버의 하트비트를 적고, 지난 임대를 걷어 부하를 다시 센다.
-- KEYS[1]  {fleet}:server:<id>  hash {address, state, capacity, running, version, pool, boot, left, drain_left, seen,
--                               lease:<match> -> 만료 ms}
-- KEYS[2]  {fleet}:servers      zset id -> 부하(도는 판 + 여는 판 + 그 밖의 산 임대)
-- KEYS[3]  {fleet}:draining     set
-- KEYS[4]  {fleet}:drain_grace  hash 서버 -> 드레인 유예(ms)
-- ARGV     1 server_id  2 address  3 state  4 capacity(판)  5 running(판)  6 version  7 ttl_ms  8 pool  9 boot(뜬 프로세스)
--          10 left(가장 오래 남은 판의 남은 시간 ms)  11 drain_left(남은 유예 ms. 드레인 중이 아니면 -1)
--          12.. 열고 있는 판의 match_id. 굳혔지만 아직 돌지 않는 판이 부하에서 빠지지 않고, 임대와 겹쳐 세지도 않는다
-- 답       {부하(판), 드레인 지시 0|1, 유예 ms(서버의 기본값이면 -1), 처음 보는 서버인가 0|1}   시각은 Redis의 것
-- 불변조건 부하 = 서버가 말한 도는 판과 여는 판 + 서버가 아직 모르는 산 임대.
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local opening, lapsed, leases = {}, {}, 0
for i = 12, #ARGV do
  opening['lease:' .. ARGV[i]] = true
end
local row = redis.call('HGETALL', KEYS[1])
local is_new = #row == 0 and 1 or 0
for i = 1, #row, 2 do
  if string.sub(row[i], 1, 6) == 'lease:' then
    if tonumber(row[i + 1]) <= now_ms then
      lapsed[#lapsed + 1] = row[i]
    elseif not opening[row[i]] then
      leases = leases + 1
    end
  end
end
local load = tonumber(ARGV[5]) + (#ARGV - 11) + leases
redis.call('HSET', KEYS[1], 'address', ARGV[2], 'state', ARGV[3], 'capacity', ARGV[4], 'running', ARGV[5],
  'version', ARGV[6], 'pool', ARGV[8], 'boot', ARGV[9], 'left', ARGV[10], 'drain_left', ARGV[11], 'seen', now_ms)
redis.call('PEXPIRE', KEYS[1], ARGV[7])
redis.call('ZADD', KEYS[2], load, ARGV[1])
for i = 1, #lapsed do
  redis.call('HDEL', KEYS[1], lapsed[i])
end
local grace_ms = redis.call('HGET', KEYS[4], ARGV[1])
return { load, redis.call('SISMEMBER', KEYS[3], ARGV[1]), tonumber(grace_ms or '-1'), is_new }
